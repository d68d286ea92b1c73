package command

// sortWindow sorts items so far that those at [from, to] are the ones, in order, that a whole sort would put there. It is the
// quicksort of Bentley and McIlroy ("Engineering a sort function", 1993) without the parts outside, as Redis does it:
// where equals end up depends on its steps.
func sortWindow[T any](items []T, from, to int, cmp func(a, b *T) int) {
	base := 0 // where items begin in the whole
	for len(items) >= 7 {
		less, more := partition(items, cmp)
		left, right := items[:less], items[len(items)-more:]
		rightBase := base + len(items) - more
		goLeft := less > 1 && from < base+less && to >= base
		goRight := more > 1 && from < rightBase+more && to >= rightBase
		switch { // the larger part in this loop: the depth stays logarithmic
		case goLeft && goRight && less < more:
			sortWindow(left, from-base, to-base, cmp)
			items, base = right, rightBase
		case goLeft && goRight:
			sortWindow(right, from-rightBase, to-rightBase, cmp)
			items = left
		case goLeft:
			items = left
		case goRight:
			items, base = right, rightBase
		default:
			return
		}
	}
	for i := 1; i < len(items); i++ {
		for j := i; j > 0 && cmp(&items[j-1], &items[j]) > 0; j-- {
			items[j], items[j-1] = items[j-1], items[j]
		}
	}
}

// partition moves what is less than a pivot to the front and what is more to the back, and tells how many they are.
func partition[T any](items []T, cmp func(a, b *T) int) (less, more int) {
	p, n := pivot(items, cmp), len(items)
	items[0], items[p] = items[p], items[0]
	a, b, c, d := 1, 1, n-1, n-1 // equals are at [0, a) and (d, n) meanwhile
	for {
		for ; b <= c; b++ {
			order := cmp(&items[b], &items[0])
			if order > 0 {
				break
			}
			if order == 0 {
				items[a], items[b] = items[b], items[a]
				a++
			}
		}
		for ; b <= c; c-- {
			order := cmp(&items[c], &items[0])
			if order < 0 {
				break
			}
			if order == 0 {
				items[c], items[d] = items[d], items[c]
				d--
			}
		}
		if b > c {
			break
		}
		items[b], items[c] = items[c], items[b]
		b++
		c--
	}
	swapRuns(items, 0, b-min(a, b-a), min(a, b-a))
	swapRuns(items, b, n-min(d-c, n-1-d), min(d-c, n-1-d))
	return b - a, d - c
}

func swapRuns[T any](items []T, i, j, n int) {
	for ; n > 0; n-- {
		items[i], items[j] = items[j], items[i]
		i++
		j++
	}
}

// pivot is the index of a median of some.
func pivot[T any](items []T, cmp func(a, b *T) int) int {
	n := len(items)
	lo, mid, hi := 0, n/2, n-1
	if n > 40 {
		d := n / 8
		lo = median(items, lo, lo+d, lo+2*d, cmp)
		mid = median(items, mid-d, mid, mid+d, cmp)
		hi = median(items, hi-2*d, hi-d, hi, cmp)
	}
	if n > 7 {
		mid = median(items, lo, mid, hi, cmp)
	}
	return mid
}

func median[T any](items []T, i, j, k int, cmp func(a, b *T) int) int {
	a, b, c := &items[i], &items[j], &items[k]
	if cmp(a, b) < 0 {
		switch {
		case cmp(b, c) < 0:
			return j
		case cmp(a, c) < 0:
			return k
		}
		return i
	}
	switch {
	case cmp(b, c) > 0:
		return j
	case cmp(a, c) < 0:
		return i
	}
	return k
}
