"""The short form of `side_files.py`: what the state does not need never stops a resume."""

import pytest
import side_files

QUICK = {
    "config.json cut": "is not the configuration of a run",
    "config.json odd object": "is not the configuration of a run",
    "config.json deep JSON": "is not the configuration of a run",
    "metrics.jsonl joined lines": "went on",
    "metrics.jsonl binary": "went on",
    "watch.json odd object": "went on",
    "watch.json deep JSON": "went on",
    "rollbacks.json text": "went on",
    "samples deleted": "went on",
    "a stranger in a checkpoint": "went on",
    "no checkpoint is whole": "can be read",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return side_files.make(tmp_path_factory.mktemp("runs"))


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_a_damaged_run_folder_goes_on_or_is_refused_in_words(name, run, tmp_path):
    assert QUICK[name] in side_files.outcome(run, name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(side_files.cases().keys() - QUICK.keys())[::3])  # the script has all
def test_no_damage_is_a_traceback(name, run, tmp_path):
    assert side_files.outcome(run, name, tmp_path)
