"""The emulated account's background jobs: how a change of many records tells its progress."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass
class Job:
    """A job, which is worked on while it is asked about `polls_left` times more."""

    id: str
    results: Sequence[Mapping[str, object]]
    polls_left: int


class Jobs:
    """Jobs by id. `polls` is how often one must be asked about before it is "completed" [Job Statuses].

    What a job does is done at once; only telling takes its time.
    """

    def __init__(self) -> None:
        self.polls = 0
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def add(self, results: Sequence[Mapping[str, object]]) -> Job:
        """Keep a job with what came of each record."""
        job = Job(f"V3-{secrets.token_hex(16)}", results, self.polls)
        with self._lock:
            self._jobs[job.id] = job
        return job

    def ask(self, job_id: str) -> Job | None:
        """Return a job as it stands, one poll further."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None:
                job.polls_left -= 1
            return job


def as_json(job: Job, site: str, *, fresh: bool = False) -> dict[str, object]:
    """Return the job as `GET job_statuses/{id}` does, or as it was just queued [Job Statuses, recorded]."""
    done = not fresh and job.polls_left < 0
    status = "completed" if done else "queued" if fresh else "working"
    total = len(job.results)
    return {
        "id": job.id,
        "url": f"{site}/api/v2/job_statuses/{job.id}.json",
        "total": total,
        "progress": total if done else 0 if not fresh else None,
        "status": status,
        "message": f"Completed at {job.id}" if done else None,
        "results": list(job.results) if done else None,
    }
