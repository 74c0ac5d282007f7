package outagedetect_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// The world in which the detector is measured: five countries in four regions with 17 networks, so 27 cells. Time goes
// in ticks of five seconds. Most of what a healthy provider does to a detector is here: quality that drifts, receipts
// that stall for minutes or take hours, lists of bad numbers, nights without traffic.
const (
	tickLength = 5 * time.Second
	hourTicks  = int64(time.Hour / tickLength)
	dayTicks   = 24 * hourTicks
	horizon    = 1 << 13 // ticks; a receipt comes at most that late
)

var worldBegin = time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC) // a Monday

// network is a mobile network and how it does on an average day.
type network struct {
	country, code               string
	zone                        int     // hours from UTC
	share                       float64 // of the provider's messages
	delivered, carrier, bad, na float64
	nation                      int // index of the country
}

// networks returns the 17 networks. Their shares are those of a provider with 70 % of its traffic in North America.
func networks() []network {
	var made []network
	for i, c := range []struct {
		country string
		zone    int
		shares  []float64
	}{
		{"US", -6, []float64{.17, .15, .12, .09, .05}},
		{"CA", -5, []float64{.06, .04, .02}},
		{"GB", 0, []float64{.04, .03, .02, .01}},
		{"BR", -3, []float64{.05, .03, .02}},
		{"AU", 10, []float64{.07, .03}},
	} {
		for k, share := range c.shares {
			quality := .93 + .025*float64((i*7+k*3)%10)/9
			carrier := .01 + .01*float64((i*3+k*7)%10)/9
			bad := .015 + .005*float64((i+k)%3)/2
			made = append(made, network{
				c.country, c.country + "-" + strconv.Itoa(k+1), c.zone, share,
				quality, carrier, bad, max(1-quality-carrier-bad, .005), i,
			})
		}
	}
	return made
}

// diurnal is the traffic of each local hour; its mean is 1.
var diurnal = func() [24]float64 {
	h := [24]float64{
		.06, .04, .04, .04, .06, .15, .4, .8, 1.3, 1.6, 1.6, 1.6, 1.5, 1.6, 1.6, 1.6, 1.6, 1.6, 1.5, 1.3, 1, .6, .3, .12,
	}
	sum := 0.0
	for _, v := range h {
		sum += v
	}
	for i := range h {
		h[i] *= 24 / sum
	}
	return h
}()

// text is a message of the world.
type text struct {
	seq       uint64
	net       uint8
	kind      outagedetect.Kind // what its receipt will say; 0: no receipt
	class     outagedetect.Class
	delivered bool // whatever the receipt says
	submitted int64
	spam      bool // of the account whose content is filtered
}

// world is a provider with its traffic.
type world struct {
	src      *rand.PCG
	rng      *rand.Rand
	nets     []network
	perHour  float64
	tick     int64
	seq      uint64
	due      [][]text // ring of horizon
	weights  []float64
	total    float64 // of weights
	national []float64
	local    []float64
	stalled  []int64 // until this tick, by network; the last one is the provider
	badUntil int64
	badLand  int
	drift    float64 // multiplies the drift of quality
	slower   float64 // multiplies the latency of receipts
	truth    map[string]bool
	accounts []string
	numbers  []string
}

func newWorld(perHour float64, seed uint64) *world {
	src := rand.NewPCG(seed, 2010)
	w := &world{
		src: src, rng: rand.New(src), nets: networks(), perHour: perHour, due: make([][]text, horizon),
		drift: 1, slower: 1,
	}
	w.weights = make([]float64, len(w.nets))
	w.local = make([]float64, len(w.nets))
	w.stalled = make([]int64, len(w.nets)+1)
	w.national = make([]float64, 5)
	for i := range 300 {
		w.accounts = append(w.accounts, "account-"+strconv.Itoa(i))
	}
	for i := range 1 << 14 {
		w.numbers = append(w.numbers, "number-"+strconv.Itoa(i))
	}
	return w
}

func (w *world) clone(seed uint64) *world {
	c := *w
	c.src = rand.NewPCG(seed, 1867)
	c.rng = rand.New(c.src)
	c.due = make([][]text, horizon)
	for i := range w.due {
		c.due[i] = slices.Clone(w.due[i])
	}
	c.weights, c.national = slices.Clone(w.weights), slices.Clone(w.national)
	c.local, c.stalled = slices.Clone(w.local), slices.Clone(w.stalled)
	c.truth = make(map[string]bool)
	return &c
}

func (w *world) now() time.Time { return worldBegin.Add(time.Duration(w.tick) * tickLength) }

// hourly moves the drift and sets the traffic of the hour.
func (w *world) hourly() {
	const keep = 0.9 // of the drift, an hour later
	step := func(v *float64, sd float64) {
		*v = keep**v + math.Sqrt(1-keep*keep)*sd*w.drift*w.rng.NormFloat64()
	}
	for i := range w.national {
		step(&w.national[i], 0.25)
	}
	hour := int(w.tick / hourTicks % 24)
	w.total = 0
	for i, n := range w.nets {
		step(&w.local[i], 0.2)
		w.weights[i] = n.share * diurnal[(hour+n.zone+24)%24]
		w.total += w.weights[i]
	}
	if w.rng.Float64() < 1.0/(7*24) {
		w.badUntil, w.badLand = w.tick+hourTicks, w.rng.IntN(5)
	}
}

// stalls begins the short stalls of receipts that mean nothing.
func (w *world) stalls() {
	begin := func(i int, everyDays, least, most float64) {
		if w.rng.Float64() < 1/(everyDays*float64(dayTicks)) {
			minutes := least + (most-least)*w.rng.Float64()
			w.stalled[i] = w.tick + int64(minutes*12)
		}
	}
	for i := range w.nets {
		begin(i, 2, 1, 5)
	}
	begin(len(w.nets), 3, 1, 4)
}

// outage changes what happens to a text; nil changes nothing.
type outage func(w *world, n *network, t *text)

// step runs one tick: it makes the texts and the receipts of the tick and gives them to observe.
func (w *world) step(o outage, observe func(outagedetect.Fact)) {
	if w.tick%hourTicks == 0 {
		w.hourly()
	}
	w.stalls()
	at := w.now()
	slot := &w.due[w.tick%horizon]
	arrived := *slot
	*slot = nil
	for _, t := range arrived {
		if until := max(w.stalled[t.net], w.stalled[len(w.nets)]); until > w.tick {
			w.later(t, until)
			continue
		}
		n := &w.nets[t.net]
		observe(outagedetect.Fact{
			At: at, Message: name(t.seq), Kind: t.kind, Provider: "a", Country: n.country, Network: n.code, Class: t.class,
		})
	}
	for range w.poisson(w.perHour * w.total / float64(hourTicks)) {
		w.text(at, o, observe)
	}
	w.tick++
}

func name(seq uint64) string { return strconv.FormatUint(seq, 36) }

func (w *world) later(t text, tick int64) {
	tick = min(max(tick, w.tick+1), w.tick+horizon-1)
	w.due[tick%horizon] = append(w.due[tick%horizon], t)
}

func (w *world) poisson(mean float64) int {
	n, p, limit := 0, w.rng.Float64(), math.Exp(-mean)
	for p > limit {
		n++
		p *= w.rng.Float64()
	}
	return n
}

func (w *world) text(at time.Time, o outage, observe func(outagedetect.Fact)) {
	pick, i := w.rng.Float64()*w.total, 0
	for i < len(w.nets)-1 && pick >= w.weights[i] {
		pick -= w.weights[i]
		i++
	}
	n := &w.nets[i]
	w.seq++
	t := text{seq: w.seq, net: uint8(i), submitted: w.tick}
	w.fate(n, i, &t)
	u := w.rng.Float64()
	f := outagedetect.Fact{
		At: at, Message: name(t.seq), Kind: outagedetect.Submitted, Provider: "a", Country: n.country, Network: n.code,
		Account: w.accounts[int(u*u*300)], To: w.numbers[w.rng.IntN(len(w.numbers))],
	}
	if o != nil {
		o(w, n, &t)
		w.truth[f.Message] = t.delivered
		if t.spam {
			f.Account = "account-spam"
		}
	}
	if t.kind == outagedetect.Rejected {
		f.Kind, f.Class = t.kind, t.class
		observe(f)
		return
	}
	observe(f)
	if t.kind != 0 {
		w.later(t, w.tick+int64(w.latency()/tickLength.Seconds()))
	}
}

// fate says what happens to a text when all is well.
func (w *world) fate(n *network, i int, t *text) {
	odds := n.delivered / (1 - n.delivered) * math.Exp(w.national[n.nation]+w.local[i])
	p := odds / (1 + odds)
	bad, rest := n.bad, n.carrier+n.bad+n.na
	if w.tick < w.badUntil && w.badLand == n.nation {
		bad, rest = 0.3, rest+0.3-n.bad
		p = min(p, 0.7)
	}
	switch u := w.rng.Float64(); {
	case u < p:
		t.kind, t.delivered = outagedetect.Delivered, true
	case u < p+(1-p)*n.carrier/rest:
		t.kind, t.class = outagedetect.Failed, outagedetect.ClassCarrier
	case u < p+(1-p)*(n.carrier+bad)/rest:
		t.kind, t.class = outagedetect.Failed, outagedetect.ClassNumber
	default:
		t.delivered = w.rng.Float64() < 0.5
	}
}

// latency returns the seconds until a receipt.
func (w *world) latency() float64 {
	u, z := w.rng.Float64(), w.rng.NormFloat64()
	switch {
	case u < 0.80:
		return w.slower * 6 * math.Exp(0.6*z)
	case u < 0.96:
		return w.slower * 60 * math.Exp(0.7*z)
	}
	return w.slower * 7200 * w.rng.ExpFloat64()
}
