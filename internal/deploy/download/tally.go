package download

// A download ends, whatever a cluster does: these bound its tries. The client
// itself retries what fails before the body; these are for bodies that break
// off.
const (
	// maxTries is enough for the largest installer over a line that breaks
	// every few megabytes.
	maxTries = 100
	// maxBegun is how often a download is begun from zero: no byte of the tries
	// before is of any use then.
	maxBegun = 3
	// maxFruitless is how many tries in a row may bring less than enough.
	maxFruitless = 3
	enough       = 1 << 20
	// maxStalls is how many tries may end since too little came: each takes
	// stallTimeout in silence, and slowWindow if the bytes trickle. A build waits
	// for nothing for a minute and a half, or for six minutes.
	maxStalls = 3
)

// tally counts the tries of a download.
type tally struct {
	tries, fruitless, stalls int
	best                     int64 // the furthest that a try came
}

// allows counts a try that broke off, and reports whether there is another.
func (a *tally) allows(t *transfer, broken *brokenError) bool {
	a.tries++
	if broken.stalled {
		a.stalls++
	}
	if t.got-a.best < enough {
		a.fruitless++
	} else {
		a.fruitless = 0
	}
	a.best = max(a.best, t.got)
	return a.tries < maxTries && (t.resumable() || t.begun < maxBegun) && a.fruitless < maxFruitless && a.stalls < maxStalls
}
