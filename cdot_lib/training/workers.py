"""Jobs in worker processes, which may die: here (loky) or on many machines (Dask), through joblib.

A worker that is killed costs the job it was at. One dead worker of loky ends the others, too, so
their jobs start again; a job that keeps a checkpoint loses the time since that. Dask moves the job
to another worker by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import Any, Self

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from cdot_lib.errors import CdotError, InvalidArgument, MissingDependency, SweepFailed

__all__ = ["BACKENDS", "Workers", "attempt"]

#: Where jobs may run.
BACKENDS = ("loky", "dask")


class Workers:
    """Some worker processes; a context, in which they live.

    Parameters
    ----------
    count : int
        Processes; ignored where Dask's workers are there already.
    backend : {"loky", "dask"}
    scheduler : str, optional
        Address of Dask's scheduler. By default the cluster of the client that is open, or else
        a cluster of `count` processes on this machine.
    shared : sequence
        Large arguments, the same objects in all jobs: Dask sends them to each worker once.

    Raises
    ------
    InvalidArgument
        If the cluster's workers have more than one thread each.
    MissingDependency
        If Dask is not installed.
    """

    def __init__(
        self,
        count: int,
        *,
        backend: str = "loky",
        scheduler: str | None = None,
        shared: Sequence[Any] = (),
    ) -> None:
        self._count, self._shared, self._stack = count, list(shared), ExitStack()
        self._dead: tuple[type[Exception], ...] = (TerminatedWorkerError,)
        self._config: dict[str, Any] = {"backend": "loky"}
        if backend == "dask":
            self._connect(scheduler)

    def _connect(self, scheduler: str | None) -> None:
        try:
            from distributed import Client, KilledWorker, LocalCluster, default_client
        except ImportError as exc:
            raise MissingDependency(
                'backend = "dask" needs Dask distributed: pip install "cdot-lib[cluster]"'
            ) from exc
        with ExitStack() as stack:  # what is open if something fails, is closed
            try:
                client = stack.enter_context(Client(scheduler)) if scheduler else default_client()
            except ValueError:  # no client is open
                cluster = LocalCluster(
                    n_workers=self._count, threads_per_worker=1, dashboard_address=None
                )
                client = stack.enter_context(Client(stack.enter_context(cluster)))
            many = {where: n for where, n in client.nthreads().items() if n != 1}
            if many:
                raise InvalidArgument.of(
                    "scheduler",
                    many,
                    "must have workers of one thread each",
                    "start them with: dask worker --nthreads 1",
                )
            self._stack = stack.pop_all()
        self._config = {"backend": "dask", "client": client, "scatter": self._shared}
        self._dead = (TerminatedWorkerError, KilledWorker, CancelledError)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def outcomes(
        self, job: Callable[..., Any], arguments: dict[int, tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        """Yield (key, outcome) for every job, as they end.

        An outcome is what the job returns, or the error of this library that it raises. Rounds
        are repeated as long as they finish jobs. One that loses a worker and finishes none is
        followed by jobs one at a time, which shows whose job kills its worker: the outcome of
        such a job is a :class:`~cdot_lib.errors.SweepFailed`.
        """
        left = dict(arguments)
        while left:
            before = len(left)
            try:
                for key, outcome in self._round(job, left):
                    del left[key]
                    yield key, outcome
            except self._dead as exc:
                if before == 1:
                    yield from ((key, SweepFailed(f"its worker died ({exc})")) for key in left)
                    return
                if len(left) == before:
                    for key, given in left.items():
                        yield from self.outcomes(job, {key: given})
                    return

    def _round(
        self, job: Callable[..., Any], arguments: dict[int, tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        with parallel_config(**self._config):  # Dask's data may have died with a worker: send it
            # Never one process: joblib would run the jobs in this one.
            parallel = Parallel(max(2, self._count), batch_size=1, return_as="generator_unordered")
        yield from parallel(
            delayed(attempt)(job, key, args) for key, args in list(arguments.items())
        )


def attempt(job: Callable[..., Any], key: int, arguments: tuple[Any, ...]) -> tuple[int, Any]:
    """Run a job in a worker; an error that the library raises on purpose comes back as a value,
    because one that is raised there would end the other jobs, too."""
    try:
        return key, job(*arguments)
    except CdotError as exc:
        return key, exc
