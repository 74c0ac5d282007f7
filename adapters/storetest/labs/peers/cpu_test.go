package peers

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// On a loaded machine the wall clock favours programs with many processes, because the system schedules by process.
// The CPU time of an event, in this process and in the server processes for it, does not depend on that. Only Linux
// reports it, and only for a server on the same machine.

// unknown is a cost that could not be measured.
var unknown = math.NaN()

// cost is the CPU time so far of this process and of the server processes of one database, in microseconds. It does
// not include shared work of the server, such as the log writer and checkpoints.
func (s *server) cost(ctx context.Context, m *measured) float64 {
	total := processCost("self")
	if m.family != "PostgreSQL" {
		return total
	}
	rows, err := s.admin.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE datname = $1", databaseOf(m.place))
	if err != nil {
		return unknown
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return unknown
	}
	for _, pid := range pids {
		process := strconv.Itoa(int(pid))
		if name, err := os.ReadFile("/proc/" + process + "/comm"); err != nil || string(name) != "postgres\n" {
			return unknown
		}
		total += processCost(process)
	}
	return total
}

// processCost reads the CPU time of a process in ticks of a hundredth of a second, see proc_pid_stat(5).
func processCost(process string) float64 {
	data, err := os.ReadFile("/proc/" + process + "/stat")
	if err != nil {
		return unknown
	}
	_, after, _ := strings.Cut(string(data), ") ")
	var state string
	var skip, user, system int64
	if _, err := fmt.Sscan(after, &state, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip,
		&user, &system); err != nil {
		return unknown
	}
	return float64(user+system) * float64(10*time.Millisecond/time.Microsecond)
}
