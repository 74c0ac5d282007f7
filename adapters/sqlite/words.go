package sqlite

import (
	"maps"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/domain"
)

// words numbers event types and stream categories. A shared value never changes: the writer publishes an extended
// copy before the head that needs it, so a reader below that head knows every word.
type words struct {
	ids   map[string]int64
	texts map[int64]string
}

func loadWords(conn *sqlite.Conn) (*words, error) {
	w := &words{map[string]int64{}, map[int64]string{}}
	err := sqlitex.Execute(conn, "SELECT id, word FROM words", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			w.add(stmt.ColumnInt64(0), stmt.ColumnText(1))
			return nil
		},
	})
	return w, err
}

func (w *words) add(id int64, word string) { w.ids[word], w.texts[id] = id, word }

func (w *words) clone() *words { return &words{maps.Clone(w.ids), maps.Clone(w.texts)} }

// category returns the part of a stream name that the log stores with each event: up to and including the first dash,
// empty if there is none. The dash is included because "app-" must not match a stream called "app".
func category(stream domain.Stream) string {
	if dash := strings.IndexByte(string(stream), '-'); dash >= 0 {
		return string(stream[:dash+1])
	}
	return ""
}
