"""Bodies that are no form, or too large a one, with the type that they say they have."""

_FORM = "application/x-www-form-urlencoded"

_BODIES: dict[str, tuple[bytes, str]] = {
    "no boundary": (b"x", "multipart/form-data"),
    "cut off": (b"--b\r\nContent-Disposition: form-data; name=a", "multipart/form-data; boundary=\x00"),
    "another charset": (b"a=1", f"{_FORM}; charset=utf-16"),
    "too large": (b"token=" + b"x" * 3_000_000, _FORM),
    "too many fields": (b"&".join(b"f%d=1" % number for number in range(1_500)), _FORM),
}
UNREADABLE, UNREADABLE_NAMES = list(_BODIES.values()), list(_BODIES)
