package reply

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime/quotedprintable"
)

// writeBody writes a text and the page of it as multipart/alternative. The boundary has "=_", which no
// quoted-printable line can contain.
func writeBody(h head, text, page, ref string) {
	sum := sha256.Sum256([]byte(ref))
	boundary := "=_" + hex.EncodeToString(sum[:12])
	h.plain("Content-Type", `multipart/alternative;`+fold+`boundary="`+boundary+`"`)
	h.out.WriteString("\r\n")
	for _, part := range []struct{ kind, content string }{{"text/plain", text}, {"text/html", page}} {
		fmt.Fprintf(h.out, "--%s\r\n", boundary)
		h.plain("Content-Type", part.kind+"; charset=utf-8")
		h.plain("Content-Transfer-Encoding", "quoted-printable")
		h.out.WriteString("\r\n")
		w := quotedprintable.NewWriter(h.out)
		_, _ = w.Write([]byte(part.content)) // a buffer takes everything
		_ = w.Close()
		h.out.WriteString("\r\n")
	}
	fmt.Fprintf(h.out, "--%s--\r\n", boundary)
}
