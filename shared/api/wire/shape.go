package wire

import "time"

// Date prints a time as the vendors do: to the second, in UTC.
func Date(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// List returns the shapes of rows; without rows it is `[]`, not null.
func List[T, S any](rows []T, shape func(T) S) []S {
	shapes := make([]S, 0, len(rows))
	for _, row := range rows {
		shapes = append(shapes, shape(row))
	}
	return shapes
}

// Nullable returns a text that is null when there is none.
func Nullable(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
