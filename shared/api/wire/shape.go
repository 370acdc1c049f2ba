package wire

import "time"

// Date formats a time like the vendors: in UTC, to the second.
func Date(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// NullableDate returns nil for the zero time, which becomes null.
func NullableDate(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(Date(t))
}

// List returns the shapes of rows; without rows it is `[]`, not null.
func List[T, S any](rows []T, shape func(T) S) []S {
	shapes := make([]S, 0, len(rows))
	for _, row := range rows {
		shapes = append(shapes, shape(row))
	}
	return shapes
}

// Nullable returns nil for an empty text, which becomes null.
func Nullable(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
