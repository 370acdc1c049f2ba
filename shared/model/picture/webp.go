package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"io"
)

var errNotWebP = errors.New("not a WebP header")

// webpConfig reads the size of a WebP image (RFC 9649). The standard library has no WebP,
// and the three forms of its first chunk need no library:
//
//	RIFF <size> WEBP VP8_ <size> <frame tag, 3 bytes> 9d 01 2a <width, 14 bits> <height, 14 bits>
//	RIFF <size> WEBP VP8L <size> 2f <width-1, 14 bits> <height-1, 14 bits>
//	RIFF <size> WEBP VP8X <size> <flags, 4 bytes> <width-1, 24 bits> <height-1, 24 bits>
func webpConfig(r io.Reader) (image.Config, error) {
	var head [30]byte
	n, err := io.ReadFull(r, head[:])
	if err != nil && n < 25 { // the shortest header, of VP8L
		return image.Config{}, errNotWebP
	}
	if string(head[8:12]) != "WEBP" {
		return image.Config{}, errNotWebP
	}
	const low14 = 1<<14 - 1
	body := head[20:]
	switch chunk := string(head[12:16]); {
	case chunk == "VP8 " && n == len(head) && body[0]&1 == 0 && string(body[3:6]) == "\x9d\x01\x2a":
		return image.Config{
			Width:  int(binary.LittleEndian.Uint16(body[6:]) & low14),
			Height: int(binary.LittleEndian.Uint16(body[8:]) & low14),
		}, nil
	case chunk == "VP8L" && body[0] == 0x2f && body[4]>>5 == 0: // version 0
		bits := binary.LittleEndian.Uint32(body[1:])
		return image.Config{Width: int(bits&low14) + 1, Height: int(bits>>14&low14) + 1}, nil
	case chunk == "VP8X" && n == len(head):
		return image.Config{Width: uint24(body[4:]) + 1, Height: uint24(body[7:]) + 1}, nil
	}
	return image.Config{}, errNotWebP
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
