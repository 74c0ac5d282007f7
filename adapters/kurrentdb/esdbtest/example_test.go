package esdbtest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

// An append whose reply is lost was written. The server recognises the same append when it is repeated, and does not
// write it twice.
func ExampleServer_Inject() {
	server, err := esdbtest.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Stop()
	config, _ := esdb.ParseConnectionString(server.URL())
	config.Logger = func(esdb.LogLevel, string, ...any) {}
	client, _ := esdb.NewClient(config)
	defer client.Close()

	server.Inject(esdbtest.DropReply(), esdbtest.Next(1, esdbtest.Append))
	event := esdb.EventData{EventID: uuid.MustParse("a3e7c1f0-5b1d-4e0a-9f6e-0d6f3c1b2a40"), EventType: "Booked"}
	options := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
	for range 2 {
		result, err := client.AppendToStream(context.Background(), "diary-1", options, event)
		var failure *esdb.Error
		if errors.As(err, &failure) {
			fmt.Println("unavailable:", failure.Code() == esdb.ErrorUnavailable)
			continue
		}
		fmt.Println("revision:", result.NextExpectedVersion)
	}
	// Output:
	// unavailable: true
	// revision: 0
}
