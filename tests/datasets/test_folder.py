"""A folder of pictures of every kind, good and bad; Pillow is the independent reader."""

import io
import os
import shutil
import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from course_utils import datasets
from course_utils.datasets import SkippedPicturesWarning, folder


def smooth(height=40, width=60, seed=0) -> np.ndarray:
    """A picture without symmetry, RGB, that JPEG keeps well."""
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(0, 256, (4, 5, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def pictures(tmp_path):
    """Two classes of ten pictures each."""
    for label, name in enumerate(("cats", "dogs")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(10):
            picture = np.full((20, 20, 3), 20 * number + 10 * label, np.uint8)
            Image.fromarray(picture).save(tmp_path / "set" / name / f"{number}.png")
    return tmp_path / "set"


def chunk(kind: bytes, body: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_exif(path, picture, orientation, **options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture).save(path, exif=exif, **options)


# --- splits -----------------------------------------------------------------------------------------------------------


def test_splits_are_stratified_and_complete(pictures):
    dataset = datasets.load_image_folder(pictures, size=20, test=0.2, validation=4)
    assert dataset.class_names == ("cats", "dogs")
    assert [np.bincount(y).tolist() for y in (dataset.y_train, dataset.y_val, dataset.y_test)] == [
        [6, 6],
        [2, 2],
        [2, 2],
    ]
    x, y = (
        np.concatenate([dataset.x_train, dataset.x_val, dataset.x_test]),
        np.concatenate([dataset.y_train, dataset.y_val, dataset.y_test]),
    )
    grey = np.sort(x[:, 0, 0, 0])
    assert grey.tolist() == sorted(20 * number + 10 * label for number in range(10) for label in range(2))
    np.testing.assert_array_equal(x[:, 0, 0, 0] // 10 % 2, y)


def test_same_files_same_seed_same_splits(pictures):
    first, again = (datasets.load_image_folder(pictures, size=20) for _ in range(2))
    np.testing.assert_array_equal(first.x_train, again.x_train)
    other = datasets.load_image_folder(pictures, size=20, seed=1)
    assert not np.array_equal(first.x_test, other.x_test)


def test_unequal_classes_keep_their_shares(tmp_path):
    for name, count in (("few", 3), ("many", 30), ("one", 1)):
        (tmp_path / name).mkdir()
        for number in range(count):
            Image.fromarray(smooth(seed=number)).save(tmp_path / name / f"{number}.png")
    with pytest.warns(UserWarning, match="the test split holds no picture of one"):
        dataset = datasets.load_image_folder(tmp_path, size=8, test=0.3)
    assert np.bincount(dataset.y_train).tolist() == [2, 21, 1]
    assert np.bincount(dataset.y_test).tolist() == [1, 9]
    with pytest.raises(ValueError, match="no training picture is left of few, one"):
        datasets.load_image_folder(tmp_path, size=8, test=0.9)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 7])
def test_every_class_of_two_or_more_is_tested(tmp_path, count):
    for name in "abc":
        (tmp_path / name).mkdir()
        for number in range(count):
            Image.fromarray(smooth(seed=number)).save(tmp_path / name / f"{number}.png")
    dataset = datasets.load_image_folder(tmp_path, size=8, test=0.2)
    assert np.bincount(dataset.y_test).tolist() == [max(1, round(0.2 * count))] * 3
    assert len(dataset.x_train) + len(dataset.x_test) == 3 * count
    assert len(datasets.load_image_folder(tmp_path, size=8, test=0).x_test) == 0


def test_a_validation_split_that_lacks_a_class_is_warned_about(pictures):
    with pytest.warns(UserWarning, match="the val split holds no picture of cats: nothing is known"):
        datasets.load_image_folder(pictures, size=8, validation=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        datasets.load_image_folder(pictures, size=8, validation=2)


@pytest.mark.parametrize(
    "names",
    [
        ("train", "test"),
        ("train", "val"),
        ("Training", "Validation", "Test"),
        ("training_set", "test_set"),
        ("train2017", "val2017"),
        ("train", "dev"),
        ("train", "eval"),
        ("train", "evaluation"),
        ("train", "holdout"),
        ("trainset", "testset"),
        ("traindata", "testdata"),
        ("trn", "tst"),
    ],
)
def test_folders_that_are_splits_are_not_taken_for_classes(pictures, tmp_path, names):
    (tmp_path / "splits").mkdir()
    for name in names:
        shutil.copytree(pictures, tmp_path / "splits" / name)
    with pytest.raises(ValueError, match="look like splits, not like classes"):
        datasets.load_image_folder(tmp_path / "splits", size=8)
    assert datasets.load_image_folder(tmp_path / "splits" / names[0], size=8).class_names == ("cats", "dogs")


@pytest.mark.parametrize(
    "names", [("train", "bus"), ("test", "control"), ("valley", "attest", "trainers"), ("train", "device")]
)
def test_classes_with_such_names_are_classes(pictures, tmp_path, names):
    for name in names:
        shutil.copytree(pictures / "cats", tmp_path / "classes" / name)
    assert datasets.load_image_folder(tmp_path / "classes", size=8).class_names == tuple(sorted(names))


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_crop_keeps_the_centre_and_letterbox_the_whole():
    picture = np.zeros((10, 30, 3), np.uint8)
    picture[:, :10, 0], picture[:, 10:20, 1], picture[:, 20:, 2] = 255, 255, 255
    cropped = folder.fitted(picture, 10, 10, "crop", 3)
    np.testing.assert_array_equal(cropped, np.broadcast_to([0, 255, 0], (10, 10, 3)))
    boxed = folder.fitted(picture, 30, 30, "letterbox", 3)
    np.testing.assert_array_equal(boxed[10:20], picture)
    assert not boxed[:10].any()
    assert not boxed[20:].any()
    assert folder.fitted(picture, 12, 7, "letterbox", 1).shape == (12, 7, 1)


@pytest.mark.parametrize("fit", ["crop", "letterbox"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (7, 9), (333, 222)])
def test_any_size_becomes_the_size_asked_for(fit, shape):
    for height, width in ((32, 32), (17, 40), (1, 1)):
        result = folder.fitted(np.full((*shape, 3), 200, np.uint8), height, width, fit, 3)
        assert result.shape == (height, width, 3)
        assert set(np.unique(result)) <= ({200} if fit == "crop" else {0, 200})
        assert (result == 200).any()


def test_grey_is_luminance(pictures):
    path = pictures / "cats" / "red.png"
    Image.new("RGB", (8, 8), (255, 0, 0)).save(path)
    grey = folder.fitted(folder.read_picture(path), 8, 8, "crop", 1)
    assert (grey == np.asarray(Image.open(path).convert("L"))[0, 0]).all()


# --- kinds of files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "bmp", "tiff"])
def test_what_is_inside_counts_not_the_name(tmp_path, kind):
    picture, path = smooth(), tmp_path / "ünïcödé 画像.jpg"
    Image.fromarray(picture).save(path, kind, **({"quality": 98} if kind in ("jpeg", "webp") else {}))
    read = folder.read_picture(path)
    assert read.dtype == np.uint8
    np.testing.assert_allclose(read, picture, atol=0 if kind in ("png", "bmp", "tiff") else 12)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_modes_of_png(tmp_path, mode):
    path = tmp_path / "picture.png"
    picture = Image.fromarray(smooth())
    if mode.endswith("A"):
        picture.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))))
    picture.convert(mode).save(path)
    opened = Image.open(path)
    expected = opened.convert("RGB")
    if mode.endswith("A"):
        white = Image.new("RGBA", opened.size, "white")
        expected = Image.alpha_composite(white, opened.convert("RGBA")).convert("RGB")
    np.testing.assert_allclose(folder.read_picture(path).astype(int), np.asarray(expected), atol=1)


def png_with_key(picture: np.ndarray, key) -> bytes:
    """A grey or colour PNG in which one value is transparent (tRNS)."""
    colour, bits = picture.ndim == 3, 8 * picture.itemsize
    rows = b"".join(b"\0" + row.astype(f">u{picture.itemsize}").tobytes() for row in picture)
    header = struct.pack(">IIBBBBB", picture.shape[1], picture.shape[0], bits, 2 * colour, 0, 0, 0)
    pieces = [
        (b"IHDR", header),
        (b"tRNS", np.array(key, ">u2").tobytes()),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*piece) for piece in pieces)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_transparent_colour_is_white(tmp_path, dtype, channels):
    picture = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (8, 9, channels), dtype).squeeze()
    (tmp_path / "key.png").write_bytes(png_with_key(picture, picture[2, 3]))
    expected = np.rint(picture / (np.iinfo(dtype).max / 255)).astype(np.uint8)
    expected = np.where(
        np.all((picture == picture[2, 3]).reshape(8, 9, -1), axis=2)[..., None], 255, expected.reshape(8, 9, -1)
    )
    assert (expected[2, 3] == 255).all()
    np.testing.assert_array_equal(folder.read_picture(tmp_path / "key.png"), np.broadcast_to(expected, (8, 9, 3)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("kind", ["assocalpha", "unassalpha"])
def test_opacity_of_tiffs_is_used_once(tmp_path, dtype, channels, kind):
    most, rng = np.iinfo(dtype).max, np.random.default_rng(0)
    opacity, colour = rng.random((8, 9, 1)), rng.random((8, 9, channels - 1))
    stored = np.dstack([colour * (opacity if kind == "assocalpha" else 1), opacity]) * most
    tifffile.imwrite(
        tmp_path / "glass.tiff",
        np.rint(stored).astype(dtype),
        photometric="rgb" if channels == 4 else "minisblack",
        extrasamples=[kind],
        planarconfig="contig",
    )
    if (dtype, channels) == (np.uint16, 2):
        with pytest.raises(ValueError, match="is not a picture that can be read"):
            folder.read_picture(tmp_path / "glass.tiff")
        return
    expected = np.broadcast_to(255 * (colour * opacity + 1 - opacity), (8, 9, 3))
    np.testing.assert_allclose(folder.read_picture(tmp_path / "glass.tiff").astype(int), expected, atol=2)


@pytest.mark.parametrize("bits", [2, 4])
def test_a_transparent_grey_of_few_bits_is_white(tmp_path, bits):
    greys = np.arange(1 << bits, dtype=np.uint8).repeat(8 // bits).reshape(-1, 8 // bits)
    bytes_ = (greys << np.arange(8 - bits, -1, -bits)).sum(axis=1).astype(np.uint8)
    pieces = [
        (b"IHDR", struct.pack(">IIBBBBB", greys.size, 1, bits, 0, 0, 0, 0)),
        (b"tRNS", b"\0\1"),
        (b"IDAT", zlib.compress(b"\0" + bytes_.tobytes())),
        (b"IEND", b""),
    ]
    (tmp_path / "key.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*piece) for piece in pieces))
    expected = np.where(greys == 1, 255, greys * (255 // ((1 << bits) - 1))).ravel()
    np.testing.assert_array_equal(folder.read_picture(tmp_path / "key.png")[0, :, 0], expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_may_say_that_0_is_white(tmp_path, dtype):
    grey = smooth()[..., 0]
    stored = (255 - grey).astype(dtype) * (np.iinfo(dtype).max // 255)
    tifffile.imwrite(tmp_path / "fax.tiff", stored, photometric="miniswhite")
    np.testing.assert_array_equal(folder.read_picture(tmp_path / "fax.tiff")[..., 0], grey)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_fourth_sample_of_unknown_meaning_is_no_opacity(tmp_path, dtype):
    stored = np.dstack([smooth(), np.full((40, 60), 7, np.uint8)]).astype(dtype) * (np.iinfo(dtype).max // 255)
    tifffile.imwrite(tmp_path / "more.tiff", stored, photometric="rgb", extrasamples=["unspecified"])
    np.testing.assert_array_equal(folder.read_picture(tmp_path / "more.tiff"), smooth())


def test_deep_colours_in_separate_planes_are_refused(tmp_path):
    path, planes = tmp_path / "planes.tiff", np.moveaxis(smooth(), 2, 0)
    tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(folder.read_picture(path), smooth())
    tifffile.imwrite(path, planes.astype(np.uint16) * 257, photometric="rgb", planarconfig="separate")
    with pytest.raises(ValueError, match="16 bits in separate planes; save it interleaved"):
        folder.read_picture(path)


def test_transparent_is_white(tmp_path):
    Image.new("RGBA", (4, 4), (10, 20, 30, 0)).save(tmp_path / "clear.png")
    assert (folder.read_picture(tmp_path / "clear.png") == 255).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_are_scaled_to_8(tmp_path, channels):
    path = str(tmp_path / "deep.png")
    values = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(16, 16)
    deep = np.repeat(values[..., None], channels, axis=2)
    if channels == 4:
        deep[..., 3] = 65535
    assert cv2.imwrite(path, deep)
    np.testing.assert_array_equal(folder.read_picture(path)[..., 0].ravel(), np.arange(256))


def test_inks_are_taken_off_white(tmp_path):
    inks = np.dstack([smooth(), smooth(seed=1)[..., :1] // 2])
    Image.fromarray(inks, "CMYK").save(tmp_path / "print.tiff")
    cyan_magenta_yellow, black = inks[..., :3] / 255, inks[..., 3:] / 255
    expected = 255 * np.clip(1 - black - cyan_magenta_yellow * (1 - black), 0, 1)
    np.testing.assert_allclose(folder.read_picture(tmp_path / "print.tiff").astype(int), expected, atol=1)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_pictures_are_upright(tmp_path, kind, orientation):
    path = tmp_path / f"picture.{kind}"
    picture = smooth()
    if kind == "png":
        picture = np.dstack([picture, np.tile(np.arange(100, 160, dtype=np.uint8), (40, 1))])
    with_exif(path, picture, orientation, **({} if kind == "png" else {"quality": 98}))
    expected = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    expected = Image.alpha_composite(Image.new("RGBA", expected.size, "white"), expected).convert("RGB")
    read = folder.read_picture(path)
    assert read.shape == np.asarray(expected).shape
    np.testing.assert_allclose(read.astype(int), np.asarray(expected), atol=8)


@pytest.mark.parametrize("exif", [b"", b"II", b"MM\0*\0\0\0\x08\0\x01", b"II*\0\xff\xff\xff\xff", b"XX*\0" + bytes(20)])
def test_damaged_exif_means_upright(tmp_path, exif):
    Image.fromarray(smooth()).save(tmp_path / "picture.jpg", exif=b"Exif\0\0" + exif)
    assert folder.read_picture(tmp_path / "picture.jpg").shape == (40, 60, 3)


@pytest.mark.parametrize(("kind", "size"), [(3, "H"), (4, "I")])
def test_orientation_may_be_a_short_or_a_long_number(tmp_path, kind, size):
    entry = struct.pack("<HHI" + size, 0x0112, kind, 1, 6).ljust(12, b"\0")
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + bytes(4)
    Image.fromarray(smooth()).save(tmp_path / "picture.jpg", exif=exif)
    assert folder.read_picture(tmp_path / "picture.jpg").shape == (60, 40, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("deep", [False, True])
def test_turned_tiffs_are_upright(tmp_path, orientation, deep):
    picture = smooth()
    turned = Image.fromarray(picture)
    turned.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(turned))
    tifffile.imwrite(
        tmp_path / "picture.tiff",
        picture.astype(np.uint16) * 257 if deep else picture,
        photometric="rgb",
        extratags=[(0x0112, 3, 1, orientation, True)],
    )
    np.testing.assert_array_equal(folder.read_picture(tmp_path / "picture.tiff"), expected)


def test_a_camera_s_extra_bytes_do_no_harm(tmp_path):
    path = tmp_path / "phone.jpg"
    Image.fromarray(smooth()).save(path, quality=95, progressive=True)
    path.write_bytes(path.read_bytes() + b"a video after the picture")
    assert folder.read_picture(path).shape == (40, 60, 3)


# --- what cannot be loaded is named -----------------------------------------------------------------------------------


def bad_files(place):
    """Write one file of every bad kind; returns name → what is said of it."""
    picture = Image.fromarray(smooth(200, 300))
    said = {}
    for kind in ("jpeg", "png", "webp", "bmp"):
        picture.save(place / f"cut.{kind}", kind)
        content = (place / f"cut.{kind}").read_bytes()
        (place / f"cut.{kind}").write_bytes(content[: len(content) * 2 // 3])
        said[f"cut.{kind}"] = "is truncated or damaged"
    picture.save(place / "flipped.png")
    content = bytearray((place / "flipped.png").read_bytes())
    content[len(content) // 2] ^= 1
    (place / "flipped.png").write_bytes(content)
    (place / "empty.jpg").write_bytes(b"")
    (place / "text.png").write_text("not a picture at all")
    (place / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    (place / "gone.png").symlink_to(place / "nowhere.png")
    os.mkfifo(place / "pipe.png")
    (place / "linked").symlink_to(place.parent / "dogs")
    return said | {
        "flipped.png": "is truncated or damaged",
        "empty.jpg": "is empty",
        "text.png": "is not a picture",
        "phone.jpg": "is an HEIC picture",
        "gone.png": "is a broken link",
        "pipe.png": "is not an ordinary file",
        "linked": "is a link to a folder",
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_every_bad_file_is_named_with_its_reason(pictures):
    said = bad_files(pictures / "cats")
    (pictures / "notes.txt").write_text("beside the classes")
    (pictures / "birds").mkdir()
    with pytest.raises(ValueError, match=f"{len(said) + 2} problem") as caught:
        datasets.load_image_folder(pictures, size=20)
    lines = str(caught.value).splitlines()
    for name, reason in said.items():
        assert any(f"{os.path.join('cats', name)}: {reason}" in line for line in lines), name
    assert any("notes.txt: lies beside the class folders" in line for line in lines)
    assert any("birds: holds no picture" in line for line in lines)
    with pytest.warns(SkippedPicturesWarning, match="left out") as warned:
        dataset = datasets.load_image_folder(pictures, size=20, on_error="report")
    assert dataset.class_names == ("cats", "dogs")
    assert len(dataset.x_train) + len(dataset.x_test) == 20
    skipped = warned[0].message.skipped
    assert len(skipped) == len(said) + 2
    assert skipped[pictures / "cats" / "empty.jpg"] == "is empty"


def test_every_truncation_is_noticed(tmp_path):
    for kind in ("jpeg", "png", "webp", "tiff"):
        path = tmp_path / f"picture.{kind}"
        Image.fromarray(smooth()).save(path, **({"progressive": True} if kind == "jpeg" else {}))
        content = path.read_bytes()
        for length in range(0, len(content) - (kind == "tiff"), max(1, len(content) // 40)):
            path.write_bytes(content[:length])
            with pytest.raises(ValueError, match=r"truncated|empty|not a picture|decoded"):
                folder.read_picture(path)


def test_no_changed_byte_of_a_png_changes_the_picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(smooth(12, 9)).save(path)
    content, picture, noticed = path.read_bytes(), folder.read_picture(path), 0
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        try:
            np.testing.assert_array_equal(folder.read_picture(path), picture)
        except ValueError:
            noticed += 1
    assert noticed >= len(content) - 8  # length and checksum of the empty last piece


def test_overwritten_scan_data_are_noticed_where_they_can_be(tmp_path):
    path, noticed = tmp_path / "picture.jpg", 0
    Image.fromarray(smooth(300, 400)).save(path, quality=95)
    content, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(20):
        at = int(rng.integers(len(content) // 4, len(content) - 2000))
        path.write_bytes(content[:at] + rng.bytes(1000) + content[at + 1000 :])
        try:
            folder.read_picture(path)
        except ValueError:
            noticed += 1
    assert noticed >= 18  # of a thousand random bytes some pair is one that no JPEG holds


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"quality": 5}, {"quality": 100}, {"restart_marker_rows": 1}]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_no_good_jpeg_is_called_damaged(tmp_path, options, mode):
    rng = np.random.default_rng(0)
    noisy = Image.fromarray(rng.integers(0, 256, (120, 200, 3), np.uint8)).convert(mode)
    small = io.BytesIO()
    noisy.convert("RGB").resize((40, 30)).save(small, "JPEG")  # a thumbnail, as cameras put one into their notes
    noisy.save(
        tmp_path / "noise.jpg",
        icc_profile=rng.bytes(100_000),
        comment=rng.bytes(5000),
        exif=b"Exif\0\0" + small.getvalue(),
        **options,
    )
    assert folder.read_picture(tmp_path / "noise.jpg").shape == (120, 200, 3)


def test_a_note_between_scans_is_no_damage(tmp_path):
    path = tmp_path / "notes.jpg"
    Image.fromarray(smooth()).save(path, progressive=True)
    content, picture = path.read_bytes(), folder.read_picture(path)
    start, end = content.rfind(b"\xff\xda"), content.rfind(b"\xff\xd9")
    for note in (b"\xff\xfe\0\x0a\xff\x01\xff\xc0\xff\xd8\xff\xd9", b"\xff\xec\0\x04\xff\x01"):
        noted = content[:start] + note + content[start:end]
        path.write_bytes(noted + content[end:])
        np.testing.assert_array_equal(folder.read_picture(path), picture)
        path.write_bytes(noted + b"\xff\x01" + content[end:])
        with pytest.raises(ValueError, match="bytes that no JPEG holds"):
            folder.read_picture(path)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_of_several_pictures_of_a_phone_the_first_is_taken_and_checked(tmp_path, options):
    path = tmp_path / "phone.jpg"
    depth = Image.fromarray(smooth(seed=1))
    Image.fromarray(smooth(300, 400)).save(path, "MPO", save_all=True, append_images=[depth], quality=98, **options)
    assert Image.open(path).format == "MPO"
    np.testing.assert_allclose(folder.read_picture(path).astype(int), smooth(300, 400), atol=12)
    content = path.read_bytes()
    at = content.find(b"\xff\xda") + 200
    path.write_bytes(content[:at] + b"\xff\x01" + content[at + 2 :])
    with pytest.raises(ValueError, match="bytes that no JPEG holds"):
        folder.read_picture(path)


def test_an_avif_is_not_called_heic(tmp_path):
    path = tmp_path / "picture.avif"
    Image.fromarray(smooth()).save(path)
    content, picture = path.read_bytes(), folder.read_picture(path)
    path.write_bytes(content[:8] + b"mif1" + content[12:])
    np.testing.assert_array_equal(folder.read_picture(path), picture)
    for brand in (b"mif1", b"msf1"):
        path.write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mif1heic" + bytes(50))
        with pytest.raises(ValueError, match="is an HEIC picture"):
            folder.read_picture(path)


def test_formats_that_run_programs_are_not_opened(tmp_path):
    path = tmp_path / "drawing.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n%%EOF\n")
    with pytest.raises(ValueError, match="is not a picture"):
        folder.read_picture(path)


@pytest.mark.parametrize("kind", ["gif", "ppm", "jpeg2000", "avif"])
def test_other_formats_are_read_too(tmp_path, kind):
    Image.fromarray(smooth()).save(tmp_path / "picture.png", kind)
    np.testing.assert_allclose(folder.read_picture(tmp_path / "picture.png").astype(int), smooth(), atol=40)


def test_of_an_animation_the_first_picture_is_taken(tmp_path):
    frames = [Image.new("P", (8, 8), number) for number in (0, 1)]
    for frame in frames:
        frame.putpalette([250, 0, 0, 0, 250, 0])
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert (folder.read_picture(tmp_path / "moving.gif") == [250, 0, 0]).all()


def test_a_picture_that_claims_to_be_huge_is_refused(tmp_path):
    header = struct.pack(">IIBBBBB", 1 << 20, 1 << 20, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )
    with pytest.raises(ValueError, match=r"decoded|not a picture"):
        folder.read_picture(path)


def test_floating_point_pictures_are_refused(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "float.tiff")
    with pytest.raises(ValueError, match="float32; save it with 8 or 16 bits"):
        folder.read_picture(tmp_path / "float.tiff")


def test_hidden_files_are_passed_over_and_nested_ones_read(pictures):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (pictures / "cats" / name).write_text("x")
        (pictures / name).write_text("x")
    for name in (".git", "__MACOSX"):
        (pictures / name).mkdir()
        (pictures / "cats" / name).mkdir()
        (pictures / "cats" / name / "x.png").write_text("x")
    (pictures / "cats" / "monday").mkdir()
    (pictures / "cats" / "0.png").rename(pictures / "cats" / "monday" / "0.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = datasets.load_image_folder(pictures, size=20)
    assert len(dataset.x_train) + len(dataset.x_test) == 20


def test_links_to_pictures_and_to_class_folders_are_followed(pictures, tmp_path):
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "cats").symlink_to(pictures / "cats")
    (tmp_path / "linked" / "dogs").mkdir()
    (tmp_path / "linked" / "dogs" / "one.png").symlink_to(pictures / "dogs" / "1.png")
    dataset = datasets.load_image_folder(tmp_path / "linked", size=20, test=0)
    assert np.bincount(dataset.y_train).tolist() == [10, 1]


def test_one_class_is_not_enough(pictures):
    with pytest.raises(ValueError, match="one level too high or too low"):
        datasets.load_image_folder(pictures.parent, size=20)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        datasets.load_image_folder(pictures / "nowhere", size=20)


@pytest.mark.parametrize("method", ["iterdir", "is_dir"])
def test_a_folder_that_may_not_be_read_is_said_in_one_sentence(pictures, monkeypatch, method):
    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, method, forbidden)
    with pytest.raises(PermissionError, match=r"^path='[^:]*' cannot be read: Permission denied$"):
        datasets.load_image_folder(pictures, size=20)


@pytest.mark.parametrize("validation", [0, 3])
def test_a_test_split_that_takes_all_is_said(pictures, validation):
    with pytest.raises(ValueError, match=r"test=0.999, .* no training picture is left of cats, dogs; add pictures"):
        datasets.load_image_folder(pictures, size=20, test=0.999, validation=validation)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 0}, "size=0"),
        ({"size": (20, 20, 3)}, "size="),
        ({"size": 2.0}, "size="),
        ({"size": 20, "test": 1}, "test=1"),
        ({"size": 20, "test": True}, "test=True"),
        ({"size": 20, "test": float("nan")}, "test=nan"),
        ({"size": 20, "fit": "squeeze"}, "'crop', 'letterbox'"),
        ({"size": 20, "channels": True}, "3, 1"),
        ({"size": 20, "channels": 4}, "3, 1"),
        ({"size": 20, "on_error": "ignore"}, "'raise', 'report'"),
        ({"size": 20, "seed": -1}, "seed=-1"),
        ({"size": 20, "validation": 16}, "whole number from 0 to 15"),
    ],
)
def test_bad_arguments(pictures, options, said):
    with pytest.raises(ValueError, match=said):
        datasets.load_image_folder(pictures, **options)
