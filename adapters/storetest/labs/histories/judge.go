package histories

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// judge looks for an order of the calls that explains their results under the model, and returns an error if there is
// none.
func judge(what string, model porcupine.Model, calls []porcupine.Operation) error {
	switch porcupine.CheckOperationsTimeout(model, calls, checkTime) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return fmt.Errorf("%s: no order of %d calls was found or ruled out in %s", what, len(calls), checkTime)
	}
	_, info := porcupine.CheckOperationsVerbose(model, calls, checkTime)
	var longest []porcupine.Operation
	for _, partial := range info.PartialLinearizationsOperations()[0] {
		if len(partial) > len(longest) {
			longest = partial
		}
	}
	return fmt.Errorf("%s: no order of the %d calls explains their results\n%s", what, len(calls),
		explain(model, calls, longest))
}

// explain shows the longest order found and the calls that cannot follow it.
func explain(model porcupine.Model, calls, order []porcupine.Operation) string {
	const shown = 12
	type key struct {
		client int
		call   int64
	}
	placed := map[key]bool{}
	state := model.Init()
	var text strings.Builder
	for i, call := range order {
		placed[key{call.ClientId, call.Call}] = true
		_, state = model.Step(state, call.Input, call.Output)
		if i >= len(order)-shown {
			fmt.Fprintf(&text, "  %s\n", line(model, call))
		}
	}
	fmt.Fprintf(&text, "after these %d calls the state is %s, and none of these may come next:\n",
		len(order), model.DescribeState(state))
	left := slices.DeleteFunc(slices.Clone(calls), func(call porcupine.Operation) bool {
		return placed[key{call.ClientId, call.Call}]
	})
	slices.SortFunc(left, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	until := int64(never)
	for i, call := range left {
		if call.Call > until || i == shown {
			break
		}
		until = min(until, call.Return)
		fmt.Fprintf(&text, "  %s\n", line(model, call))
	}
	return text.String()
}

func line(model porcupine.Model, call porcupine.Operation) string {
	returned := fmt.Sprint(call.Return)
	if call.Return == never {
		returned = "never"
	}
	return fmt.Sprintf("client %d, called at %d, returned at %s: %s",
		call.ClientId, call.Call, returned, model.DescribeOperation(call.Input, call.Output))
}
