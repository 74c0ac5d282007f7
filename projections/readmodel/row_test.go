package readmodel_test

import (
	"math"
	"testing"

	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestNextColumnReadsWhatWasPacked(t *testing.T) {
	packed := readmodel.AppendInt(nil, math.MinInt64)
	packed = readmodel.AppendText(packed, "")
	packed = readmodel.AppendBytes(packed, []byte{0, 255})
	number, rest := readmodel.NextColumn(packed)
	text, rest := readmodel.NextColumn(rest)
	data, rest := readmodel.NextColumn(rest)
	if number.Kind != readmodel.KindInt || number.Int() != math.MinInt64 ||
		text.Kind != readmodel.KindText || len(text.Data) != 0 ||
		data.Kind != readmodel.KindBytes || string(data.Data) != "\x00\xff" || len(rest) != 0 {
		t.Errorf("got %v, %v, %v and %q", number, text, data, rest)
	}
}
