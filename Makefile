# Two commands do everything: `make book` and `make test`. What they do lives in tools/.
PYTHON ?= python3
VENV := .venv/bin/python
# One thread for each process; and POT, which would load torch for a backend that nothing here uses, does not.
LEAN := OMP_NUM_THREADS=1 POT_BACKEND_DISABLE_PYTORCH=1

.PHONY: help book pdf bundle test versions claims env sync linkcheck clean
help:            ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/'
book: env        ## set up, execute every chapter, build _build/html
	@$(VENV) -m tools.build_book
pdf: env         ## the whole book as _build/pdf/cdot-book.pdf
	@$(VENV) -m tools.print_book
bundle: env      ## one zip to hand out: pages, PDF, notebooks, library, data
	@$(VENV) -m tools.bundle
test: env        ## all tests, the build of the book among them
	@$(LEAN) $(VENV) -m pytest -n 2 --dist loadscope --no-loadscope-reorder
versions: env    ## tests and notebooks with the oldest and the newest packages that pyproject.toml allows
	@$(LEAN) CDOT_ALL_VERSIONS=1 $(VENV) -m pytest tests/book/test_versions.py
claims: env      ## run in full the claims whose code has changed since, for the page of claims
	@$(LEAN) $(VENV) -m tools.claims_record
env:             ## only the Python environment (.venv)
	@$(PYTHON) tools/environment.py
sync: env        ## write the generated files: notebooks, claims page, set-up cells, addresses
	@$(VENV) -m tools.sync
linkcheck: env   ## follow every external link of the book (needs the network)
	@$(VENV) -m tools.build_book --builder linkcheck
clean:           ## remove what was built, keep the environment
	@rm -rf _build .cache
