package frame

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
)

type pagination struct {
	Limit      int     `json:"limit"`
	NextCursor *string `json:"next_cursor"` // null on the last page
	HasMore    bool    `json:"has_more"`
}

// Cursor identifies the last row of a page. The next page has the rows before it. A cursor stays valid
// if its row was deleted.
type Cursor struct {
	ID string
	At time.Time
}

// readPage reads the limit and the cursor of a request. The cursor is nil for the first page. valid
// judges the ids of the list's rows.
func readPage(r *http.Request, valid func(id string) bool) (limit int, after *Cursor, err error) {
	if limit, err = param.QueryInt(r, "limit", 20, 1, 100); err != nil {
		return 0, nil, err
	}
	q := r.URL.Query()
	if !q.Has("cursor") {
		return limit, nil, nil
	}
	after, ok := parseCursor(q.Get("cursor"), valid)
	if !ok {
		return 0, nil, fault.Field("cursor", "cursor must be the next_cursor of a page")
	}
	return limit, after, nil
}

const cursorTime = "2006-01-02T15:04:05.000Z"

func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.At.UTC().Format(cursorTime) + " " + c.ID))
}

func parseCursor(text string, valid func(id string) bool) (*Cursor, bool) {
	plain, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false
	}
	at, id, _ := strings.Cut(string(plain), " ")
	id = param.FoldIDs(id)
	t, err := time.Parse(cursorTime, at)
	if err != nil || !valid(id) {
		return nil, false
	}
	return &Cursor{ID: id, At: t}, true
}

// LastID returns the id of the previous page's last row, or "" for the first page.
func (c *Cursor) LastID() string {
	if c == nil {
		return ""
	}
	return c.ID
}

// LastRow returns the result of the function of for the cursor, or nil for the first page.
func LastRow[T any](after *Cursor, of func(Cursor) T) *T {
	if after == nil {
		return nil
	}
	return new(of(*after))
}

// Page writes the requested page. read's argument is the previous page's last row, or nil for the first
// page. It is asked for one more row than fits, which shows whether there is another page.
func Page[T, S any](
	w http.ResponseWriter, r *http.Request, read func(after *Cursor, limit int) ([]T, error), shape func(T) S, place func(T) Cursor,
) error {
	return PageOf(w, r, param.IsID, func(after *Cursor, limit int) ([]T, *Cursor, error) {
		rows, err := read(after, limit+1)
		page, next := Cut(rows, limit, place)
		return page, next, err
	}, shape)
}

// Cut returns the first rows of a list as a page, and the cursor of the next page if there are more.
func Cut[T any](rows []T, limit int, place func(T) Cursor) (page []T, next *Cursor) {
	if len(rows) <= limit {
		return rows, nil
	}
	return rows[:limit], new(place(rows[limit-1]))
}

// PageOf writes the requested page of a list whose rows have ids of their own form, which valid judges.
// read returns at most limit rows and the cursor of the next page, or nil on the last one. A page may
// have fewer rows than the limit before the last one.
func PageOf[T, S any](
	w http.ResponseWriter, r *http.Request, valid func(id string) bool,
	read func(after *Cursor, limit int) (rows []T, next *Cursor, err error), shape func(T) S,
) error {
	limit, after, err := readPage(r, valid)
	if err != nil {
		return err
	}
	rows, next, err := read(after, limit)
	if err != nil {
		return err
	}
	p := pagination{Limit: limit, HasMore: next != nil}
	if next != nil {
		p.NextCursor = new(next.String())
	}
	return envelope.ShowPage(w, wire.List(rows, shape), p)
}
