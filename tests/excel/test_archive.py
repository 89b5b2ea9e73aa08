import io
import itertools
import zipfile

import pytest

from xl_kpi.excel.archive import UnusualArchiveError, rewrite


class Stream(io.RawIOBase):
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self):
        self.content = b""

    def writable(self):
        return True

    def write(self, data):
        self.content += bytes(data)
        return len(data)


MEMBERS = {"a.txt": b"one" * 50, "图/表.xml": "文本".encode() * 50, "empty": b"", "z": b"last"}


def archive_of(members, comment=b""):
    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.content


def rewritten(archive, changed, removed=()):
    return b"".join(rewrite(archive, list(MEMBERS), changed, removed))


def test_without_changes_the_archive_is_the_same():
    archive = archive_of(MEMBERS, comment=b"PK by hand")
    assert rewritten(archive, {}) == archive


@pytest.mark.parametrize("name", MEMBERS)
def test_one_member_changes(name):
    archive = archive_of(MEMBERS, comment=b"made by hand")
    result = rewritten(archive, {name: b"new" * 1000})
    with zipfile.ZipFile(io.BytesIO(result)) as opened:
        assert opened.testzip() is None
        assert opened.comment == b"made by hand"
        found = {info.filename: opened.read(info) for info in opened.infolist()}
    assert found == {**MEMBERS, name: b"new" * 1000}
    assert list(found) == list(MEMBERS)


@pytest.mark.parametrize("name", MEMBERS)
def test_one_member_goes(name):
    result = rewritten(archive_of(MEMBERS), {}, {name})
    with zipfile.ZipFile(io.BytesIO(result)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [other for other in MEMBERS if other != name]


def test_members_may_lie_in_another_order_than_in_the_directory():
    archive = archive_of(MEMBERS)
    directory = archive.index(b"PK\1\2")
    end = archive.index(b"PK\5\6")
    starts = [i for i in range(directory, end) if archive[i : i + 4] == b"PK\1\2"] + [end]
    records = [archive[a:b] for a, b in itertools.pairwise(starts)]
    swapped = archive[:directory] + b"".join(reversed(records)) + archive[end:]
    names = list(reversed(MEMBERS))
    result = b"".join(rewrite(swapped, names, {"a.txt": b"new"}))
    with zipfile.ZipFile(io.BytesIO(result)) as opened:
        assert opened.namelist() == names
        assert opened.testzip() is None
        assert opened.read("a.txt") == b"new"
        assert opened.read("z") == b"last"


def test_unusual_archives_are_refused():
    archive = archive_of(MEMBERS)
    with pytest.raises(UnusualArchiveError):
        rewritten(b"MZ a program" + archive, {})
    with pytest.raises(UnusualArchiveError):
        rewritten(archive.replace(b"PK\5\6", b"PK\5\7"), {})
    with pytest.raises(UnusualArchiveError):
        rewritten(archive[:-6] + b"\xff" * 4 + archive[-2:], {})
    with pytest.raises(UnusualArchiveError):
        b"".join(rewrite(archive, ["a.txt"], {}))
    record = bytearray(archive)
    second = archive.index(b"PK\1\2", archive.index(b"PK\1\2") + 1)
    record[second + 42 : second + 46] = (5).to_bytes(4, "little")
    with pytest.raises(UnusualArchiveError, match="overlap"):
        rewritten(bytes(record), {})
    record[second + 42 : second + 46] = b"\xff" * 4
    with pytest.raises(UnusualArchiveError, match="64"):
        rewritten(bytes(record), {})


def test_new_members_come_last_and_the_rest_stays():
    archive = archive_of(MEMBERS)
    changed = rewritten(archive, {"new/b.xml": b"<b/>" * 9, "new/a.xml": b"<a/>"})
    with zipfile.ZipFile(io.BytesIO(changed)) as found:
        assert found.testzip() is None
        assert found.namelist() == [*MEMBERS, "new/a.xml", "new/b.xml"]
        assert found.read("new/b.xml") == b"<b/>" * 9
        assert {name: found.read(name) for name in MEMBERS} == MEMBERS
        assert found.getinfo("new/a.xml").date_time == (1980, 1, 1, 0, 0, 0)
