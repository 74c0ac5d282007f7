// Command benchguard compares benchmark results with recorded ones and prints what got worse. It looks at figures that
// mean the same on every run: ratios against the raw limit in the same run, and allocations. Seconds are not compared,
// because no machine is ever quiet.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// tolerance is how much worse a figure may be, as a part of the recorded one, before it is printed.
type tolerance struct {
	higher bool // higher is better
	part   float64
}

// compared are the units of the figures to compare. Ratios of times differ by up to a fifth between two runs.
var compared = map[string]tolerance{
	"ratio": {true, 0.2}, "share": {true, 0.2}, "of-limit": {true, 0.2}, "of-refused": {true, 0.2},
	"times-sync": {false, 0.3}, "passes": {false, 0.3}, "allocs/op": {false, 0.1},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: benchguard RECORDED RESULTS")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "benchguard:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, recorded, results string) error {
	after, err := read(results)
	if err != nil {
		return err
	}
	before, err := read(recorded)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = fmt.Fprintf(out, "no figures are recorded for this class of machine: copy %s to %s to record these\n",
			results, recorded)
		return err
	}
	if err != nil {
		return err
	}
	lines, matched := worse(before, after)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	_, err = fmt.Fprintf(out, "compared %d figures with %s: %d got worse\n", matched, recorded, len(lines))
	return err
}

// figure is one metric of one benchmark.
type figure struct{ benchmark, unit string }

func read(path string) (map[figure][]float64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parse(bytes.NewReader(data))
}

// parse reads the output of go test -bench: lines with a name, the number of runs, and then values and units in turn.
func parse(in io.Reader) (map[figure][]float64, error) {
	figures, pkg := make(map[figure][]float64), ""
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 2 && fields[0] == "pkg:" {
			pkg = fields[1]
		}
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		for i := 2; i < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%q has no number before %s: %w", fields[0], fields[i+1], err)
			}
			at := figure{pkg + "." + fields[0], fields[i+1]}
			figures[at] = append(figures[at], value)
		}
	}
	return figures, lines.Err()
}

// worse returns a line for each figure whose median is worse than the recorded one, and how many it compared.
func worse(before, after map[figure][]float64) (lines []string, matched int) {
	for at, values := range after {
		limit, wanted := compared[at.unit]
		recorded, known := before[at]
		if !wanted || !known {
			continue
		}
		matched++
		was, is := median(recorded), median(values)
		if limit.higher && is < was*(1-limit.part) || !limit.higher && is > was*(1+limit.part) {
			lines = append(lines, fmt.Sprintf("worse: %s: %.4g %s, recorded %.4g", at.benchmark, is, at.unit, was))
		}
	}
	slices.Sort(lines)
	return lines, matched
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
