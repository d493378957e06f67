import threading

from bot import jobs


def test_a_job_runs_again_and_again_until_stopped() -> None:
    scheduler, ran = jobs.Jobs(), threading.Semaphore(0)

    scheduler.every(0.01, "tick", lambda: ran.release())
    scheduler.start()

    assert all(ran.acquire(timeout=60) for _ in range(3))
    scheduler.stop()
    scheduler.stop()
