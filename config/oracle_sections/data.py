"""Small data that are the same everywhere: tables, MNIST-style files and images, written by arithmetic alone."""
import gzip
import struct
import zlib


class Numbers:
    """A linear congruential generator: the same numbers with every version of Python."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n


def classes_csv(file, rows, seed=1):
    """Two numbers, one category and a few empty cells; three classes."""
    draw = Numbers(seed)
    lines = ["length,width,colour,kind"]
    for i in range(rows):
        kind = i % 3
        length = 100 * kind + draw(120)
        width = 300 - 90 * kind + draw(100)
        empty = i % 17 == 5
        lines.append(f"{'' if empty else length / 10},{width / 10},{('red', 'green', 'blue')[draw(3)]},{('ash', 'elm', 'oak')[kind]}")
    file.write_text("\n".join(lines) + "\n")


def numbers_csv(file, rows, seed=2):
    """Three numbers, and one that is a smooth function of them."""
    draw = Numbers(seed)
    lines = ["a,b,c,y"]
    for _ in range(rows):
        a, b, c = (draw(2001) - 1000 for _ in range(3))
        lines.append(f"{a / 1000},{b / 1000},{c / 1000},{(2000 * a - 3 * b * b + a * c) / 1000000:.6f}")
    file.write_text("\n".join(lines) + "\n")


def images(rows, size, seed):
    """Bright squares on noise: the place of the square is the class, one of four."""
    draw = Numbers(seed)
    half = size // 2
    for i in range(rows):
        label = i % 4
        pixels = bytearray(draw(60) for _ in range(size * size))
        for r in range(half):
            for c in range(half):
                pixels[((label // 2) * half + r) * size + (label % 2) * half + c] = 160 + draw(90)
        yield label, bytes(pixels)


def idx(folder, train, test, size):
    """The four files of MNIST, one of them packed."""
    folder.mkdir()
    for name, rows, seed in (("train", train, 3), ("t10k", test, 4)):
        made = list(images(rows, size, seed))
        pixels = b"".join(p for _, p in made)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, rows, size, size) + pixels)
        labels = struct.pack(">II", 0x801, rows) + bytes(label for label, _ in made)
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, mtime=0))


def pngs(folder, rows, size):
    """A folder for each class, with gray PNG images in it."""
    for i, (label, pixels) in enumerate(images(rows, size, 5)):
        place = folder / ("north-west", "north-east", "south-west", "south-east")[label]
        place.mkdir(parents=True, exist_ok=True)
        rows_of = b"".join(b"\0" + pixels[r * size:(r + 1) * size] for r in range(size))
        chunks = ((b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows_of)), (b"IEND", b""))
        with (place / f"{i:03}.png").open("wb") as f:
            f.write(b"\x89PNG\r\n\x1a\n")
            for kind, body in chunks:
                f.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))


def write(folder):
    """All of it, once for each folder."""
    if not (folder / "classes.csv").exists():
        numbers_csv(folder / "numbers.csv", 90)
        numbers_csv(folder / "few.csv", 40)
        idx(folder / "idx", 96, 32, 8)
        pngs(folder / "png", 40, 8)
        classes_csv(folder / "classes.csv", 120)
