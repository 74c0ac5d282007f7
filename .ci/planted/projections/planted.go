//want:revive

package projections

//want:depguard
import "log/slog"

// Log writes what is the edges' to write.
func Log() { slog.Info("planted") }
