package mail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// The limits of forms.
const (
	maxFields = 2000 // fields and files
	maxReport = 64 << 10
)

// Form is the form that SendGrid and Mailgun post. It keeps the fields, but of the files only
// what describes them.
type Form struct {
	fields map[string][]string
	files  []file
}

// file describes a file of a mail.
type file struct {
	field       string // the name of its field in a form
	name        string
	contentType string
	size        int64
	content     []byte // of reports about mails only, at most maxReport bytes
}

// ReadForm reads a form, encoded as the content type says. The error is ErrFormat.
func ReadForm(contentType string, body []byte) (Form, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return Form{}, formatError(err)
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		if bytes.Count(body, []byte("&")) > maxFields {
			return Form{}, ErrFormat
		}
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return Form{}, formatError(err)
		}
		return Form{fields: values}, nil
	case "multipart/form-data":
		return readMultipart(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	return Form{}, fmt.Errorf("%w: its Content-Type is neither multipart/form-data nor application/x-www-form-urlencoded", ErrFormat)
}

func readMultipart(r *multipart.Reader) (Form, error) {
	f := Form{fields: map[string][]string{}}
	for range maxFields {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err == nil {
			err = f.add(part)
		}
		if err != nil {
			return Form{}, formatError(err)
		}
	}
	return Form{}, ErrFormat
}

// add reads a part. A file may come without a name: then its content type, or the name of its
// field, shows that it is one.
func (f *Form) add(part *multipart.Part) error {
	content, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	kind := part.Header.Get("Content-Type")
	field := part.FormName()
	if part.FileName() == "" && !isAttachment(field) {
		f.fields[field] = append(f.fields[field], string(content))
		return nil
	}
	f.files = append(f.files, newFile(field, part.FileName(), kind, content))
	return nil
}

// isAttachment reports whether a field is a file of a mail: SendGrid counts attachment1,
// attachment2 and so on, and Mailgun attachment-1. The fields attachments, attachment-info and
// attachment-count are none.
func isAttachment(field string) bool {
	digits, ok := strings.CutPrefix(field, "attachment")
	digits = strings.TrimPrefix(digits, "-")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// newFile describes a file, and keeps its content if it is part of a report about a mail.
func newFile(field, name, contentType string, content []byte) file {
	kind, _, _ := mime.ParseMediaType(contentType)
	f := file{field: field, name: name, contentType: kind, size: int64(len(content))}
	if strings.HasPrefix(kind, "message/") || kind == "text/rfc822-headers" {
		f.content = bytes.Clone(content[:min(len(content), maxReport)])
	}
	return f
}

// has reports whether the form has a field.
func (f Form) has(name string) bool { return len(f.fields[name]) > 0 }

// last returns the last value of a field, or an empty string.
func (f Form) last(name string) string {
	values := f.fields[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}
