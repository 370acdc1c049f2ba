package mail_test

import (
	"strings"
	"testing"
)

// BenchmarkInbox reads the largest mail that passes the gateway, with one attachment, and a
// short one.
func BenchmarkInbox(b *testing.B) {
	const head = "From: ada@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n"
	line := strings.Repeat("QUJD", 19) + "\r\n"
	for name, text := range map[string]string{
		"short": head + "--b--\r\n",
		"4.5MB": head + "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(line, 4_500_000/len(line)) + "--b--\r\n",
	} {
		f := readForm(b, map[string]string{"email": text})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := inbox.SendGrid(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
