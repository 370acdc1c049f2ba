package inbox

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/picture"
)

const (
	// maxImages bounds the bytes of a turn's images; a request to a model takes about six
	// times as much memory.
	maxImages = 8 << 20

	// fetchTries is how often a turn waits for files that cannot be fetched now.
	fetchTries = 4
)

// images returns the images of the taken messages. It leaves out what cannot be used: the text
// names it. again is when to fetch them if that is not possible now.
func (w *Worker) images(ctx context.Context, chat Chat, c connection.Connection, taken []Pending) (images []model.Image, again time.Time, err error) {
	left := int64(maxImages)
	for _, p := range taken {
		for _, m := range p.Message.Media {
			if p.Message.Handling != channel.Answer || m.Type != "image" || left <= 0 {
				continue
			}
			account, err := w.Accounts.Open(ctx, c)
			if err != nil {
				return nil, time.Time{}, err
			}
			data, _, err := w.Providers(c.Channel).Fetch(ctx, account, m, left)
			if temporary(err) && chat.Tries < fetchTries {
				slog.WarnContext(ctx, "image not fetched; trying again", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
				return nil, w.Now().Add(backoff(chat.Tries)), nil
			}
			var image model.Image
			if err == nil {
				image, err = picture.Read(data)
			}
			if err != nil {
				slog.WarnContext(ctx, "image left out", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
				continue
			}
			images, left = append(images, image), left-int64(len(data))
		}
	}
	return images, time.Time{}, nil
}

// temporary reports whether a file may be there later.
func temporary(err error) bool {
	f, ok := errors.AsType[*channel.SendError](err)
	return err != nil && (!ok || f.Kind == channel.Throttled || f.Kind == channel.Unsent || f.Kind == channel.Unknown)
}

// unseen reports whether an error says that the model cannot use the images.
func unseen(err error) bool {
	_, ok := errors.AsType[*model.ImageError](err)
	return ok
}

// wordless reports whether messages consist of images only, which were not seen: a turn would
// have nothing to answer.
func wordless(taken []Pending) bool {
	for _, p := range taken {
		if p.Message.Handling == channel.Answer && (!hasImage(p.Message) || !onlyNamed(p.Message.Text)) {
			return false
		}
	}
	return true
}

func hasImage(m channel.Inbound) bool {
	for _, f := range m.Media {
		if f.Type == "image" {
			return true
		}
	}
	return false
}

// onlyNamed reports whether a text has nothing but the names of files, in brackets.
func onlyNamed(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") && !strings.Contains(text, "\n")
}
