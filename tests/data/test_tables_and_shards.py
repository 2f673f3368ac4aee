"""Parquet and Arrow tables and WebDataset's shards: images and classes as they were written, odd files in words."""

import io
import json
import tarfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import jaxgan
from jaxgan import data
from jaxgan.data.folder import SkippedFiles
from jaxgan.errors import InputError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3)).astype(np.uint8)
LABELS = [2, 0, 1, 0, 2]


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "png")
    return file.getvalue()


PNGS = [png(image) for image in IMAGES]


def hugging_face(label_names):
    """The metadata that `datasets` writes beside a column `label` of classes."""
    features = {"image": {"_type": "Image"}, "label": {"names": label_names, "_type": "ClassLabel"}}
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


def table(images=PNGS, labels=LABELS, names=None):
    cells = pa.array(
        [{"bytes": each, "path": None} for each in images], pa.struct({"bytes": pa.binary(), "path": pa.string()})
    )
    columns = {"image": cells} if labels is None else {"image": cells, "label": pa.array(labels)}
    made = pa.table(columns)
    return made if names is None else made.replace_schema_metadata(hugging_face(names))


def test_images_and_classes_of_parquet_files_are_read_in_order(tmp_path):
    names = ["cat", "dog", "eel", "fox"]
    whole = table(names=names)
    pq.write_table(whole.slice(0, 3), tmp_path / "train-00000.parquet", row_group_size=2)
    pq.write_table(whole.slice(3), tmp_path / "train-00001.parquet")
    found = data.load(f"parquet:{tmp_path}")
    np.testing.assert_array_equal(found.real, IMAGES)
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.class_names == tuple(names)
    assert found.num_classes == 4


@pytest.mark.parametrize("writer", [pa.ipc.new_stream, pa.ipc.new_file])
def test_arrow_files_are_read_too(writer, tmp_path):
    made = table(names=["a", "b", "c"])
    with writer(tmp_path / "data-00000-of-00001.arrow", made.schema) as file:
        file.write_table(made)
    found = data.load(f"parquet:{tmp_path}", image_size=4, channels=1)
    assert found.real.shape == (5, 4, 4, 1)
    np.testing.assert_array_equal(found.labels, LABELS)


@pytest.mark.parametrize(
    ("labels", "expected", "names"),
    [
        ([7, 3, None, 3, -1], [1, 0, -1, 0, -1], ("3", "7")),
        (["dog", "cat", None, "cat", "dog"], [1, 0, -1, 0, 1], ("cat", "dog")),
        ([2.0, 10.0, None, float("nan"), 2.0], [0, 1, -1, -1, 0], ("2", "10")),
        (["10", "2", "", "2", "10"], [1, 0, -1, 0, 1], ("2", "10")),
        ([True, False, None, False, True], [1, 0, -1, 0, 1], ("0", "1")),
    ],
)
def test_labels_without_names_are_the_classes_that_occur(labels, expected, names, tmp_path):
    pq.write_table(pa.table({"img": pa.array(PNGS), "class": pa.array(labels)}), tmp_path / "x.parquet")
    found = data.load(f"parquet:{tmp_path / 'x.parquet'}")
    np.testing.assert_array_equal(found.labels, expected)
    assert found.class_names == names


def test_labels_that_are_all_missing_are_none(tmp_path):
    pq.write_table(table(labels=[None, -1, None, -1, -1]), tmp_path / "x.parquet")
    assert data.load(f"parquet:{tmp_path}").labels is None


def test_several_splits_and_other_columns_are_told(tmp_path):
    pq.write_table(table(), tmp_path / "train-00000-of-00001.parquet")
    pq.write_table(table(), tmp_path / "test-00000-of-00001.parquet")
    with pytest.warns(data.DoubtfulData, match="files of test and train are read as one set"):
        assert len(data.load(f"parquet:{tmp_path}")) == 10
    for split in ("train", "val"):
        (tmp_path / split).mkdir()
        shard(tmp_path / split / "0.tar", {"0.png": PNGS[0]})
    with pytest.warns(data.DoubtfulData, match="files of train and val are read as one set"):
        assert len(data.load(f"webdataset:{tmp_path}")) == 2
    pq.write_table(table().rename_columns(["image", "kind"]), tmp_path / "other.parquet")
    with pytest.warns(
        data.DoubtfulData, match="no column label or class says the classes; beside image there are kind"
    ):
        assert data.load(f"parquet:{tmp_path / 'other.parquet'}").labels is None


def test_patterns_choose_files(tmp_path):
    for i in range(3):
        pq.write_table(table().slice(i, 1), tmp_path / f"train-{i:02d}.parquet")
    pq.write_table(table().slice(3), tmp_path / "test-00.parquet")
    chosen = {"train-*.parquet": [0, 1, 2], "train-{01..02}.parquet": [1, 2], "test-0?.parquet": [3, 4]}
    for pattern, rows in chosen.items():
        np.testing.assert_array_equal(data.load(f"parquet:{tmp_path}/{pattern}").real, IMAGES[rows])
    with pytest.raises(FileNotFoundError, match=r"no file .*train-03\.parquet, which .*asks for"):
        data.load(f"parquet:{tmp_path}/train-{{02..04}}.parquet")
    with pytest.raises(FileNotFoundError, match=r"no file and no folder .*valid"):
        data.load(f"parquet:{tmp_path}/valid-*.parquet")


def test_columns_of_other_names_are_chosen(tmp_path):
    made = table().rename_columns(["before", "kind"]).append_column("after", table(PNGS[::-1]).column("image"))
    pq.write_table(made, tmp_path / "a.parquet")
    with pytest.warns(data.DoubtfulData, match="name one by label_column"):
        np.testing.assert_array_equal(data.load(f"parquet:{tmp_path}").real, IMAGES)
    found = data.load(f"parquet:{tmp_path}", image_column="after", label_column="kind")
    np.testing.assert_array_equal(found.real, IMAGES[::-1])
    np.testing.assert_array_equal(found.labels, LABELS)
    with pytest.raises(InputError, match=r"label_column must be one of before, kind, after of .*; got 'label'"):
        data.load(f"parquet:{tmp_path}", label_column="label")
    with pytest.raises(InputError, match=r"image_column must be one of before, after of .*; got 'kind'"):
        data.load(f"parquet:{tmp_path}", image_column="kind")
    with pytest.raises(InputError, match="label_column is for parquet alone, got label_column='kind' for digits"):
        data.load("digits", label_column="kind")
    recipe = jaxgan.preset("digits").replace(data=f"parquet:{tmp_path}", image_size=4, label_column="kind").recipe
    assert recipe.dataset().num_classes == 3


def test_a_table_without_labels_has_none_and_a_bad_row_is_left_out(tmp_path):
    pq.write_table(table([*PNGS[:2], b"no image", None, b""], None), tmp_path / "x.parquet")
    with pytest.warns(SkippedFiles, match=r"3 of 5 image files are left out: x.parquet, row 2: not an image"):
        found = data.load(f"parquet:{tmp_path}")
    np.testing.assert_array_equal(found.real, IMAGES[:2])
    assert found.labels is None


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b"PAR1 no table PAR1"), "is not a readable table"),
        (lambda path: pq.write_table(pa.table({"text": ["a"]}), path), r"has no column of encoded images; it has text"),
        (
            lambda path: pq.write_table(table(labels=[0.5] * 5), path),
            "column label: a label must be a whole number or a name, got 0.5",
        ),
        (
            lambda path: pq.write_table(table(names=["a", "b"]), path),
            r"labels must be in \[0, 2\), for the file names so many classes; got 0 to 2",
        ),
        (lambda path: pq.write_table(table([b"x"] * 5), path), "no usable image under"),
    ],
)
def test_an_odd_table_is_refused_in_words(write, message, tmp_path):
    write(tmp_path / "x.parquet")
    with pytest.raises(InputError, match=message):
        data.load(f"parquet:{tmp_path}")


def test_every_cut_of_a_table_is_refused_or_read(tmp_path):
    pq.write_table(table(), tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    for size in range(0, len(content), len(content) // 17):
        (tmp_path / "cut.parquet").write_bytes(content[:size])
        with pytest.raises(InputError, match="is not a readable table"):
            data.load(f"parquet:{tmp_path / 'cut.parquet'}")


@pytest.mark.parametrize("kind", ["parquet", "webdataset"])
def test_what_is_not_there_is_said(kind, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"{kind}: there is no .* and no folder"):
        data.load(f"{kind}:{tmp_path / 'none'}")
    with pytest.raises(InputError, match="holds no"):
        data.load(f"{kind}:{tmp_path}")


def shard(path, files, **options):
    with tarfile.open(path, "w", **options) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_samples_of_shards_are_read_in_order(tmp_path):
    files = {
        f"a/{i:03}.{end}": content
        for i in range(5)
        for end, content in (("png", PNGS[i]), ("cls", b"%d\n" % LABELS[i]))
    }
    names = list(files)
    shard(tmp_path / "data-000.tar", {name: files[name] for name in names[:6]})
    shard(tmp_path / "data-001.tar", {name: files[name] for name in names[6:]} | {"readme.txt": b"no image"})
    found = data.load(f"webdataset:{tmp_path}")
    np.testing.assert_array_equal(found.real, IMAGES)
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.class_names == ("0", "1", "2")


def test_classes_of_a_shard_may_be_names_in_json_and_some_may_be_missing(tmp_path):
    files = {"0.png": PNGS[0], "0.json": b'{"label": "dog"}', "1.png": PNGS[1], "1.json": b"{}", "2.png": PNGS[2]}
    found = data.load(f"webdataset:{shard(tmp_path / 'x.tar', files)}")
    np.testing.assert_array_equal(found.labels, [0, -1, -1])
    assert found.class_names == ("dog",)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"0.png": PNGS[0], "0.json": b"[" * 100_000}, "x.tar, 0.json: the label cannot be read"),
        ({"0.png": PNGS[0], "0.cls": b"\xff"}, "x.tar, 0.cls: the label cannot be read"),
        ({"0.png": PNGS[0], "0.cls": b""}, "x.tar, 0.cls: a label must be a whole number or a name, got ''"),
        (
            {"0.png": PNGS[0], "0.json": b'{"label": [1]}'},
            r"0.json: a label must be a whole number or a name, got \[1\]",
        ),
        ({"0.png": b"no image"}, "no usable image under"),
        ({"0.txt": b"text"}, "no usable image under"),
    ],
)
def test_an_odd_shard_is_refused_in_words(files, message, tmp_path):
    with pytest.raises(InputError, match=message):
        data.load(f"webdataset:{shard(tmp_path / 'x.tar', files)}")


def test_a_compressed_or_cut_shard_is_refused_in_words(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"\x1f\x8b" + bytes(600))
    with pytest.raises(InputError, match="is not a readable tar archive"):
        data.load(f"webdataset:{tmp_path}")
    content = shard(tmp_path / "x.tar", {"0.png": PNGS[0]}).read_bytes()
    (tmp_path / "x.tar").write_bytes(content[:540])
    with pytest.raises(InputError, match=r"is not a readable tar archive|no usable image"):
        data.load(f"webdataset:{tmp_path}")


def test_a_damaged_table_is_left_out_like_a_damaged_picture(tmp_path):
    pq.write_table(table(), tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    with pytest.warns(SkippedFiles, match=r"1 of 2 files are left out: b.parquet: .* is not a readable table"):
        found = data.load(f"parquet:{tmp_path}")
    np.testing.assert_array_equal(found.real, IMAGES)
    np.testing.assert_array_equal(found.labels, LABELS)
    ((name, why),) = found.skipped
    assert name == "b.parquet"
    assert "is not a readable table" in why


def test_a_damaged_group_of_rows_is_left_out_with_its_labels(tmp_path):
    pq.write_table(table(), tmp_path / "a.parquet", row_group_size=2, compression="none")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    place = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(1).column(0)
    assert place.path_in_schema == "image.bytes"
    content[place.data_page_offset : place.data_page_offset + 8] = b"\xff" * 8
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.warns(SkippedFiles, match="2 of 5 image files are left out: a.parquet, row 2: .* is damaged"):
        found = data.load(f"parquet:{tmp_path}")
    np.testing.assert_array_equal(found.real, IMAGES[[0, 1, 4]])
    np.testing.assert_array_equal(found.labels, [1, 0, 1])
    assert found.class_names == ("0", "2")


def test_a_damaged_shard_is_left_out_like_a_damaged_picture(tmp_path):
    shard(tmp_path / "a.tar", {"0.png": PNGS[0], "0.cls": b"1"})
    (tmp_path / "b.tar").write_bytes(b"no archive" * 100)
    with pytest.warns(SkippedFiles, match=r"1 of 2 files are left out: b.tar: .* is not a readable tar archive"):
        found = data.load(f"webdataset:{tmp_path}")
    np.testing.assert_array_equal(found.real, IMAGES[:1])
    assert [name for name, _ in found.skipped] == ["b.tar"]


def test_the_program_takes_them_by_name(tmp_path):
    from jaxgan import preset

    pq.write_table(table(), tmp_path / "x.parquet")
    shard(tmp_path / "x.tar", {"0.png": PNGS[0]})
    for kind, rows in (("parquet", 5), ("webdataset", 1)):
        recipe = preset("dcgan-mnist").replace(data=f"{kind}:{tmp_path}", image_size=8).recipe
        assert recipe.dataset().real.shape == (rows, 8, 8, 3)
