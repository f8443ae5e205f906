from __future__ import annotations

from pathlib import Path

from tests.app.acceptance import main_job
from tests.support.cluster import until
from tests.support.running import alone


def test_the_main_job_in_one_process_on_sqlite(tmp_path: Path) -> None:
    with alone(tmp_path, {}) as (_, process, api):
        process.start()
        until(api.up, 60, process.log)
        main_job([api], process.log)
