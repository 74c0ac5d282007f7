package sms

import (
	"encoding/csv"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/clickbook/clickbook/domain/message"
)

// FaultTable says which fault each code of a provider means. It is data with a version, because providers change what
// their codes mean. A provider may have several lists of codes, such as one for requests and one for receipts.
type FaultTable struct {
	Version string // when it was last compared with the provider's documents: "2026-11-28"
	faults  map[listed]message.Fault
}

// listed is a code in a list.
type listed struct{ list, code string }

// ParseFaults parses a table. The first line is "# version DATE"; the others are comma-separated: list, code, fault,
// and what the code means, which is for people.
func ParseFaults(text string) (*FaultTable, error) {
	first, rows, _ := strings.Cut(text, "\n")
	version, ok := strings.CutPrefix(strings.TrimSpace(first), "# version ")
	if !ok {
		return nil, fmt.Errorf("invalid first line %q of a table of faults: write # version 2026-11-28", first)
	}
	reader := csv.NewReader(strings.NewReader(rows))
	reader.FieldsPerRecord, reader.Comment = 4, '#'
	records, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("table of faults: %w", err)
	}
	table := FaultTable{Version: version, faults: make(map[listed]message.Fault)}
	for _, record := range records {
		key, fault := listed{record[0], record[1]}, message.Fault(record[2])
		if _, twice := table.faults[key]; twice || !slices.Contains(message.Faults(), fault) {
			return nil, fmt.Errorf("table of faults: %q is listed twice, or %q is not a fault", record[:2], fault)
		}
		table.faults[key] = fault
	}
	return &table, nil
}

// MustParseFaults is ParseFaults for a table that is part of the program.
func MustParseFaults(text string) *FaultTable {
	table, err := ParseFaults(text)
	if err != nil {
		panic(err)
	}
	return table
}

// MapsCodes is a provider that says which codes it got that are not in its table, and how often. Operators see them,
// because a code without a meaning counts as an unknown fault.
type MapsCodes interface {
	Unmapped() map[string]int // by list and code: "receipt 30999"
}

// maxUnmapped bounds how many different codes are counted. The rest count as "other".
const maxUnmapped = 200

// Codes looks codes up in a table and counts those that are not in it. It is safe for concurrent use.
type Codes struct {
	table *FaultTable
	log   *slog.Logger

	mu       sync.Mutex
	unmapped map[string]int
}

// NewCodes returns Codes that look up in a table and log each unmapped code once. The logger may be nil.
func NewCodes(table *FaultTable, log *slog.Logger) *Codes {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Codes{table: table, log: log, unmapped: make(map[string]int)}
}

// Fault returns the fault of a code in a list, message.FaultUnknown if it is not in the table.
func (c *Codes) Fault(list, code string) message.Fault {
	if fault, ok := c.table.faults[listed{list, code}]; ok {
		return fault
	}
	c.count(list + " " + Clip(code))
	return message.FaultUnknown
}

func (c *Codes) count(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unmapped[code] == 0 {
		if len(c.unmapped) >= maxUnmapped {
			code = "other"
		}
		c.log.Warn("a provider's code is not in its table of faults", "code", code, "version", c.table.Version)
	}
	c.unmapped[code]++
}

// Unmapped returns the codes that were not in the table, and how often each came.
func (c *Codes) Unmapped() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.unmapped)
}

// Clip shortens what a provider sent to 40 printable ASCII characters, for codes and ids that are logged and stored.
func Clip(text string) string {
	var clipped strings.Builder
	for _, r := range text {
		if clipped.Len() == 40 {
			break
		}
		if r < ' ' || r > '~' {
			r = '?'
		}
		clipped.WriteByte(byte(r))
	}
	return clipped.String()
}
