package bloom_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/internal/bloom"
)

func name(n int) string { return fmt.Sprintf("appointment-%08d", n) }

// TestNoNameIsLost adds names while the filter is filled again and again with those that came before.
func TestNoNameIsLost(t *testing.T) {
	const names = 100_000
	var filter bloom.Filter
	if filter.Lacks(name(0)) {
		t.Fatal("an empty Filter claims to know that a name is absent")
	}
	var filling sync.WaitGroup
	for n := range names {
		if n%20_000 == 0 {
			filling.Wait()
			add, done := filter.Fill(n)
			filling.Go(func() {
				for before := range n {
					add(name(before))
				}
				done(true)
			})
		}
		filter.Add(name(n))
		if filter.Lacks(name(n)) {
			t.Fatalf("name %d is lacking at once", n)
		}
	}
	filling.Wait()
	for n := range names {
		if filter.Lacks(name(n)) {
			t.Fatalf("name %d is lacking at the end", n)
		}
	}
	wrong := 0
	for n := names; n < 2*names; n++ {
		if !filter.Lacks(name(n)) {
			wrong++
		}
	}
	if wrong > names/200 {
		t.Errorf("%d of %d absent names were taken for present", wrong, names)
	}
}

func TestFilterThatWasNotCompletedIsNotUsed(t *testing.T) {
	var filter bloom.Filter
	_, done := filter.Fill(0)
	done(false)
	if filter.Lacks("a") {
		t.Error("a filter that was given up is in force")
	}
}

func TestFullFilterIsFilledAgain(t *testing.T) {
	var filter bloom.Filter
	_, done := filter.Fill(0)
	done(true)
	n := 0
	for ; !filter.Missed(); n++ {
		filter.Add(name(n))
	}
	add, done := filter.Fill(n)
	for before := range n {
		add(name(before))
	}
	done(true)
	if filter.Missed() {
		t.Errorf("a filter for twice %d names is full with them", n)
	}
}

// TestOneCallerFillsAtATime misses names until the filter must be filled. While one caller does that, no second one
// may begin, and after it was given up another must.
func TestOneCallerFillsAtATime(t *testing.T) {
	var filter bloom.Filter
	missMany := func() (claims int) {
		for range 1000 {
			if filter.Missed() {
				claims++
			}
		}
		return claims
	}
	for _, giveUp := range []func(){
		filter.Skip,
		func() {
			_, done := filter.Fill(0)
			if claims := missMany(); claims != 0 {
				t.Errorf("%d callers were told to fill a filter that is being filled", claims)
			}
			done(false)
		},
	} {
		if claims := missMany(); claims != 1 {
			t.Errorf("%d callers were told to fill the filter, not one", claims)
		}
		giveUp()
	}
	if claims := missMany(); claims != 1 {
		t.Errorf("%d callers were told to fill the filter after others gave up, not one", claims)
	}
}
