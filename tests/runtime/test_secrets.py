from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import InvalidInput
from domain.ports.secrets import Secrets
from runtime.secrets import FileSecrets


def test_a_secret_is_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    secrets: Secrets = FileSecrets(tmp_path / "secrets")
    assert secrets.get("start-token") is None
    secrets.put("start-token", SecretStr("one"))
    secrets.put("start-token", SecretStr("two"))
    found = FileSecrets(tmp_path / "secrets").get("start-token")
    assert found is not None
    assert found.get_secret_value() == "two"
    assert "two" not in repr(found)
    secrets.delete("start-token")
    secrets.delete("start-token")
    assert secrets.get("start-token") is None


def test_only_the_user_can_read_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    FileSecrets(tmp_path / "secrets").put("start-token", SecretStr("x"))
    (file,) = (tmp_path / "secrets").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "../token", "A", "a/b", ".hidden", "x" * 65])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FileSecrets(tmp_path).get(name)
    assert refused.value.field == "name"
