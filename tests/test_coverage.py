"""Coverage of processes that tests kill."""

from __future__ import annotations

import shutil
from pathlib import Path

from coverage import Coverage, CoverageData
from cut_short import remove_cut_short

PAGE = 4096  # bytes; sqlite.org/fileformat2.html


def test_what_a_killed_process_had_begun_to_write_is_left_out(tmp_path: Path) -> None:
    whole = CoverageData(str(tmp_path / ".coverage.whole"))
    whole.add_lines({f"{tmp_path}/{number}.py": [1] for number in range(9)})
    whole.write()
    whole.close(force=True)
    (tmp_path / ".coverage.empty").touch()
    shutil.copy(tmp_path / ".coverage.whole", tmp_path / ".coverage.half")
    with (tmp_path / ".coverage.half").open("r+b") as half:
        half.seek(5 * PAGE)  # the table of files
        half.write(bytes(PAGE))
    assert remove_cut_short(tmp_path) == [".coverage.empty", ".coverage.half"]
    made = Coverage(data_file=str(tmp_path / ".coverage"))
    made.combine([str(tmp_path)])
    assert len(made.get_data().measured_files()) == 9
