package webhooks

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/webhook"
)

// TestEveryKindIsDocumented: each event that is followed tells of a topic, and docs/webhooks.md lists its kind.
func TestEveryKindIsDocumented(t *testing.T) {
	guide, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	followed := 0
	for _, listed := range aggregates.Types() {
		for _, one := range listed {
			if !slices.Contains(types, one.Name) {
				continue
			}
			followed++
			event, _ := reflect.New(one.Go).Elem().Interface().(domain.Event)
			if _, ok := event.(message.DeliveryReported); ok {
				event = message.DeliveryReported{Counted: true, State: "delivered"}
			}
			told, ok := noticeOf(event)
			if !ok || !slices.Contains(webhook.Topics, told.topic) {
				t.Errorf("%s tells nobody: %+v", one.Name, told)
				continue
			}
			topic, kind, _ := strings.Cut(told.kind, ".")
			if !strings.Contains(string(guide), "`"+told.kind+"`") && !strings.Contains(string(guide), "`."+kind+"`") {
				t.Errorf("docs/webhooks.md does not list %s of %s", told.kind, topic)
			}
		}
	}
	if followed != len(types) {
		t.Errorf("%d of %d types exist", followed, len(types))
	}
}
