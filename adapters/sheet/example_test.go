package sheet_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/domain"
)

// A sheet of another program: Portuguese headers, semicolons, local times. The second row is refused and the third is
// still read.
func ExampleReader() {
	file := strings.NewReader(`Cliente;Serviço;Profissional;Início;Duração
Ana Lima;Corte;Bia;29/04/2016 08:30;45
Rui Dias;Corte;Bia;hoje;45
Eva Reis;Cor;"Bia; Sala 2";29/04/2016 09:30;1:30
`)
	home := sheet.Home{Zone: "America/Sao_Paulo", Country: "BR", Dates: sheet.DayFirst}

	reader, err := sheet.NewReader(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	columns, err := sheet.FindColumns(reader.Header, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		var read sheet.Appointment
		if err == nil {
			read, err = columns.Parse(row, home)
		}
		switch _, refused := domain.AsRefusal(err); {
		case refused:
			fmt.Printf("line %d: %v\n", row.Line, err)
		case err != nil:
			fmt.Fprintln(os.Stderr, err)
			return
		default:
			fmt.Printf("line %d: %s, %s with %s, %s for %s\n", row.Line, read.Client, read.Service,
				read.Taken[0].Resource, read.Start.Format(time.RFC3339), read.End.Sub(read.Start))
		}
	}
	// Output:
	// line 2: Ana Lima, Corte with Bia, 2016-04-29T11:30:00Z for 45m0s
	// line 3: the start "hoje" is not a date with a time; write it like 2016-04-29 08:30
	// line 4: Eva Reis, Cor with Bia, 2016-04-29T12:30:00Z for 1h30m0s
}
