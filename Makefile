# Two commands do everything: `make book` and `make test`. What they do lives in tools/.
PYTHON ?= python3
VENV := .venv/bin/python

.PHONY: help book test env sync linkcheck clean
help:            ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/'
book: env        ## set up, execute every chapter, build _build/html
	@$(VENV) -m tools.build_book
test: env        ## all tests, the build of the book among them
	@OMP_NUM_THREADS=1 $(VENV) -m pytest -n 2 --dist loadscope
env:             ## only the Python environment (.venv)
	@$(PYTHON) tools/environment.py
sync: env        ## write the generated files: notebooks, claims page, set-up cells, addresses
	@$(VENV) -m tools.sync
linkcheck: env   ## follow every external link of the book (needs the network)
	@$(VENV) -m tools.build_book --builder linkcheck
clean:           ## remove what was built, keep the environment
	@rm -rf _build .cache
