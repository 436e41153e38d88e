/*
 * leases.pml - claim, release, making a shard, fencing and sweeping, on a network that
 * repeats requests and loses replies, with nodes that are cut off at any point.
 *
 * The directory is a set of names, as the file server has it: of every address the name
 * "free", and one for every lease that could hold it. A request is executed whole, which
 * is all that is asked of a server; but it may be executed a second time at any later
 * moment, and who sent it may get either answer, or none and die.
 *
 * What must hold, in every reachable state:
 *	- an address that was handed out has one holder (in a pod that lives), whose
 *	  lease is there until it is released;
 *	- every address of a made shard has exactly one file;
 *	- when everybody is gone and the network is silent, a sweep frees all there is.
 *
 * Compiled with one of these, the checker must find the fault:
 *	CLAIM_BY_COPY		a lease is made beside the free file, which is then removed
 *	RELEASE_BY_ADDRESS	a release names the address, not the lease
 *	SHARD_IN_PLACE		a shard is made under its own name, file by file
 */
#ifndef NODES
#define NODES 2
#endif
#ifndef ADDRESSES
#define ADDRESSES 2
#endif
#ifndef ROUNDS
#define ROUNDS 2 /* pods that come and go on a node */
#endif
#ifndef REPEATS
#define REPEATS 2 /* requests that are executed once more, in a whole run */
#endif
#ifndef TRIES
#define TRIES 2 /* claims for a pod, until one succeeds */
#endif
#ifndef MORTALS
#define MORTALS NODES /* nodes that may be cut off: they are alike, so fewer can do */
#endif
#define LEASES	 (NODES * ROUNDS)
#define REQUESTS (1 + ROUNDS * (TRIES + 1)) /* of a node, in all its life */

#define NONE 255

mtype = { MAKE, CLAIM, RELEASE };

/* What the server has. */
bool made;			 /* the shard is there under its name */
bool isfree[ADDRESSES];		 /* the free file */
bool held[ADDRESSES * LEASES];	 /* the file of a lease */
bool draft[NODES];		 /* a shard in the making */

/* What is on the way: each request has a place of its own. */
typedef request {
	mtype op;
	byte address, lease;
	bool sent;	/* may be executed */
	bool answered;	/* was, at least once */
	bool ok;	/* what the last execution said; an earlier one may be lost */
	bool repeated;
}
request requests[NODES * REQUESTS];
byte repeats;

hidden byte i, count, at; /* of steps that nobody sees the middle of */

/* What the world has: pods that use an address. */
byte holders[ADDRESSES];
byte gone;	  /* nodes that have ended, for better or worse */
bool dead[NODES]; /* cut off */
bool buried[NODES]; /* and so are its pods: only then may anybody sweep */

#define HELD(a, l) held[(a) * LEASES + (l)]

inline check_files(which)
{
	/* Making a shard in place shows what is half made: then there may be none. */
	d_step {
		count = isfree[which];
		i = 0;
		do
		:: i < LEASES -> count = count + HELD(which, i); i++
		:: else -> break
		od;
		i = 0;
#ifdef SHARD_IN_PLACE
		assert(count <= 1);
#else
		assert(count == made);
#endif
		count = 0;
	}
}

inline rename_draft(r)
{
	requests[r].ok = draft[r / REQUESTS] && !made;
	if
	:: requests[r].ok ->
		draft[r / REQUESTS] = false;
		made = true;
		i = 0;
		do
		:: i < ADDRESSES -> isfree[i] = true; i++
		:: else -> break
		od;
		i = 0
	:: else
	fi
}

inline rename_claim(r)
{
	requests[r].ok = isfree[requests[r].address];
	if
	:: requests[r].ok ->
#ifndef CLAIM_BY_COPY
		isfree[requests[r].address] = false;
#endif
		HELD(requests[r].address, requests[r].lease) = true
	:: else
	fi
}

inline rename_release(r)
{
#ifdef RELEASE_BY_ADDRESS
	i = 0;
	requests[r].ok = !isfree[requests[r].address];
	do
	:: i < LEASES -> HELD(requests[r].address, i) = false; i++
	:: else -> break
	od;
	i = 0;
	isfree[requests[r].address] = true
#else
	requests[r].ok = HELD(requests[r].address, requests[r].lease);
	if
	:: requests[r].ok ->
		HELD(requests[r].address, requests[r].lease) = false;
		isfree[requests[r].address] = true
	:: else
	fi
#endif
}

inline execute(r)
{
	d_step {
		if
		:: requests[r].op == MAKE -> rename_draft(r)
		:: requests[r].op == CLAIM -> rename_claim(r)
		:: requests[r].op == RELEASE -> rename_release(r)
		fi;
		if
		:: requests[r].answered -> requests[r].repeated = true; repeats++
		:: else -> requests[r].answered = true
		fi
	}
#ifndef CLAIM_BY_COPY
	if
	:: requests[r].op != MAKE -> at = requests[r].address; check_files(at)
	:: else
	fi
#endif
}

/* One for each request: executed in any order, and a few of them a second time. */
proctype server(byte r)
{
end:	do
	:: atomic {
		requests[r].sent &&
		(!requests[r].answered || (!requests[r].repeated && repeats < REPEATS)) ->
		execute(r)
	   }
	od
}

#define MINE(k) (me * REQUESTS + (k))

inline send(what, a, l)
{
	atomic {
		requests[MINE(next)].op = what;
		requests[MINE(next)].address = a;
		requests[MINE(next)].lease = l;
		requests[MINE(next)].sent = true
	}
	requests[MINE(next)].answered;
	ok = requests[MINE(next)].ok;
	next++
}

#ifdef SHARD_IN_PLACE
/* A directory that is there already is filled up: its maker may have died. */
inline make_shard()
{
	made = true;
	a = 0;
	do
	:: a < ADDRESSES -> isfree[a] = true; a++
	:: else -> break
	od;
	a = 0
}
#else
inline make_shard()
{
	draft[me] = true;
	send(MAKE, 0, 0);
	draft[me] = false /* somebody was faster: ours is removed */
}
#endif

/* One of the addresses that a listing showed as free, which it may be no more. */
inline pick_address()
{
	if
	:: a = 0
	:: a = ADDRESSES - 1
	fi
}

/* A fresh listing tells whether the address is ours, whatever was answered. */
inline claim()
{
	taken = NONE;
	tries = 0;
	do
	:: tries < TRIES && taken == NONE ->
		pick_address();
		send(CLAIM, a, lease);
		tries++;
#ifdef CLAIM_BY_COPY
		if
		:: ok -> isfree[a] = false
		:: else
		fi;
#endif
		atomic {
			if
			:: HELD(a, lease) -> taken = a
			:: else
			fi
		}
	:: else -> break
	od
}

inline answer_add()
{
	atomic {
		if
		:: taken != NONE ->
			holders[taken]++;
			assert(holders[taken] <= 1)
		:: else
		fi
	}
}

inline release()
{
	if
	:: taken != NONE ->
		atomic {
			assert(HELD(taken, lease)); /* nobody has freed it meanwhile */
			holders[taken]--;
			pods = NONE
		}
		send(RELEASE, taken, lease);
		taken = NONE
	:: else
	fi
}

/* What a node does until it ends; it may be cut off between any two steps. */
proctype node(byte me)
{
	byte a, lease, taken = NONE, tries, round, next, pods = NONE;
	bool ok;

	{
		make_shard();
		do
		:: round < ROUNDS && made ->
			lease = me * ROUNDS + round;
			claim();
			atomic { answer_add(); pods = taken };
			release();
			round++
		:: else -> break
		od
	} unless { dead[me] }
	atomic {
		if
		:: pods != NONE -> holders[pods]--; pods = NONE
		:: else
		fi;
		buried[me] = true;
		gone++
	}
}

/* Power cut: its pods end with it, what it sent does not. */
proctype power(byte me)
{
	if
	:: dead[me] = true
	:: true
	fi
}

/*
 * The operator's fence for a node that is dead, or the node's own sweep after its boot:
 * by a listing, each lease by its whole name. What is still on the way may come later.
 */
proctype sweeper(byte me)
{
	byte a = 0, l;

end:	buried[me] && dead[me];
	do
	:: a < ADDRESSES ->
		l = me * ROUNDS;
		do
		:: l < (me + 1) * ROUNDS ->
			d_step {
				if
				:: HELD(a, l) -> HELD(a, l) = false; isfree[a] = true
				:: else
				fi
			}
			l++
		:: else -> break
		od;
		a++
	:: else -> break
	od
}

/* At the very end, with everything executed that will be: one more sweep, of all. */
active proctype last()
{
	byte a, l;

	gone == NODES;
	timeout;
	d_step {
		do
		:: a < ADDRESSES ->
			l = 0;
			do
			:: l < LEASES ->
				if
				:: HELD(a, l) -> HELD(a, l) = false; isfree[a] = true
				:: else
				fi;
				l++
			:: else -> break
			od;
			assert(isfree[a] == made);
			a++
		:: else -> break
		od
	}
}

init
{
	byte n;

	atomic {
		do
		:: n < NODES ->
			run node(n);
			if
			:: n < MORTALS -> run power(n); run sweeper(n)
			:: else
			fi;
			n++
		:: else -> break
		od;
		n = 0;
		do
		:: n < NODES * REQUESTS -> run server(n); n++
		:: else -> break
		od
	}
}
