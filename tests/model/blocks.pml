/*
 * blocks.pml - nodes that take blocks of addresses, lease from them, and give them back.
 *
 * What leases.pml says of addresses holds for blocks as well: a file each, whose name
 * says who has it. New is that two things hang together: a node leases an address of a
 * block only as long as the block is its own, since others have a route to it. A node
 * knows that from a listing, or remembers it; and GC gives a block back in which it has
 * seen no lease, while an ADD may be about to take one. A lock of the node, which ADDs
 * share, stands between these two.
 *
 * A block has one address here. A request is executed whole, and may be executed a second
 * time at any later moment; a node may be cut off at any point, and is fenced then.
 *
 * What must hold, in every reachable state:
 *	- a block has exactly one file, and so has its address;
 *	- an address has one holder (in a pod that lives);
 *	- a block is its node's as long as a pod there has an address of it;
 *	- when everybody is gone and the network is silent, a fence frees all there is.
 *
 * Compiled with one of these, the checker must find the fault:
 *	NO_LOCK		ADD does not take the node's lock
 *	NO_NONCE	a block's name says whose it is, but not since when
 *	KEEP_HINT	GC gives a block back that the node still remembers as its own
 */
#ifndef NODES
#define NODES 2
#endif
#ifndef BLOCKS
#define BLOCKS 1
#endif
#ifndef ROUNDS
#define ROUNDS 2 /* pods that come and go on a node */
#endif
#ifndef REPEATS
#define REPEATS 1 /* requests that are executed once more, in a whole run */
#endif
#ifndef TRIES
#define TRIES 1 /* blocks that are asked for, for a pod */
#endif
#ifndef RETURNS
#define RETURNS 1 /* of blocks, by GC */
#endif
/* Nodes are alike: of those that give blocks back, and of those that may be cut off, the
 * first so many are enough. */
#ifndef COLLECTORS
#define COLLECTORS 1
#endif
#ifndef MORTALS
#define MORTALS 1
#endif
#define LEASES	 (NODES * ROUNDS)
#define BY_ADD	 (ROUNDS * (TRIES + 2))
#define REQUESTS (BY_ADD + RETURNS) /* of a node, in all its life */
#define CLAIMS	 (ROUNDS * TRIES)   /* of blocks, by a node */

#define NONE 255

mtype = { TAKE, RETURN, CLAIM, RELEASE };

/* What the server has. */
bool blockfree[BLOCKS], isfree[BLOCKS];
bool blockheld[BLOCKS * NODES * CLAIMS]; /* by which claim of which node */
bool held[BLOCKS * LEASES];

#define TAKEN(b, n, k) blockheld[((b) * NODES + (n)) * CLAIMS + (k)]
#define HELD(b, l)     held[(b) * LEASES + (l)]

/* What was sent. */
typedef request {
	mtype op;
	byte block, which; /* the claim of a block, or the lease */
	bool sent, answered, repeated;
}
request requests[NODES * REQUESTS];
byte repeats;

/* What the nodes have. */
byte hint[NODES]; /* the block that the node remembers as its own */
byte sharing[NODES];
bool alone[NODES];
bool dead[NODES], buried[NODES];
byte gone;

/* What the world has: pods with an address, and where. */
byte holders[BLOCKS];
byte place[BLOCKS];

hidden byte i, k, count; /* of steps that nobody sees the middle of */

/* Is the block this node's? */
inline is_mine(b, n, ret)
{
	d_step {
		ret = false;
		k = 0;
		do
		:: k < CLAIMS -> ret = ret || TAKEN(b, n, k); k++
		:: else -> break
		od;
		k = 0
	}
}

hidden byte mine;

inline check()
{
	i = 0;
	do
	:: i < BLOCKS ->
		count = blockfree[i];
		k = 0;
		do
		:: k < NODES * CLAIMS -> count = count + blockheld[i * NODES * CLAIMS + k]; k++
		:: else -> break
		od;
		assert(count == 1);
		count = isfree[i];
		k = 0;
		do
		:: k < LEASES -> count = count + HELD(i, k); k++
		:: else -> break
		od;
		assert(count == 1);
		if
		:: holders[i] > 0 ->
			is_mine(i, place[i], mine);
			assert(mine) /* a pod's block is its node's */
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	k = 0;
	count = 0;
	mine = false
}

#define OF(r) ((r) / REQUESTS)

inline execute(r)
{
	d_step {
		if
		:: requests[r].op == TAKE && blockfree[requests[r].block] ->
			blockfree[requests[r].block] = false;
			TAKEN(requests[r].block, OF(r), requests[r].which) = true
		:: requests[r].op == RETURN && TAKEN(requests[r].block, OF(r), requests[r].which) ->
			TAKEN(requests[r].block, OF(r), requests[r].which) = false;
			blockfree[requests[r].block] = true
		:: requests[r].op == CLAIM && isfree[requests[r].block] ->
			isfree[requests[r].block] = false;
			HELD(requests[r].block, requests[r].which) = true
		:: requests[r].op == RELEASE && HELD(requests[r].block, requests[r].which) ->
			HELD(requests[r].block, requests[r].which) = false;
			isfree[requests[r].block] = true
		:: else
		fi;
		if
		:: requests[r].answered -> requests[r].repeated = true; repeats++
		:: else -> requests[r].answered = true
		fi;
		check()
	}
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

inline send(r, what, b, w)
{
	atomic {
		requests[r].op = what;
		requests[r].block = b;
		requests[r].which = w;
		requests[r].sent = true
	}
	requests[r].answered
}

#ifdef NO_NONCE
#define CLAIM_NUMBER 0
#else
#define CLAIM_NUMBER claims
#endif

#ifdef NO_LOCK
#define SHARE   skip
#define UNSHARE skip
#else
#define SHARE                                                                            \
	atomic                                                                           \
	{                                                                                \
		!alone[me];                                                              \
		sharing[me]++                                                            \
	}
#define UNSHARE sharing[me]--
#endif

/* The block that the node remembers, or that a listing shows as its own; else it asks for
 * one, and lists again. */
inline find_block()
{
	block = hint[me];
	tries = 0;
	do
	:: block != NONE -> break
	:: else ->
		atomic {
			b = 0;
			do
			:: b < BLOCKS && block == NONE ->
				is_mine(b, me, own);
				if
				:: own -> block = b; hint[me] = b
				:: else
				fi;
				b++
			:: else -> break
			od;
			own = false
		}
		if
		:: block == NONE && tries < TRIES ->
			if
			:: b = 0
			:: b = BLOCKS - 1
			fi;
			send(me * REQUESTS + next, TAKE, b, CLAIM_NUMBER);
			next++;
			claims++;
			tries++
		:: else -> break
		fi
	od
}

/* Whatever was answered: a listing tells whose the address is. */
inline claim()
{
	if
	:: block != NONE ->
		send(me * REQUESTS + next, CLAIM, block, lease);
		next++;
		atomic {
			if
			:: HELD(block, lease) ->
				taken = block;
				holders[taken]++;
				assert(holders[taken] == 1);
				place[taken] = me;
				is_mine(taken, me, own);
				assert(own);
				own = false
			:: else
			fi
		}
	:: else
	fi
}

inline release()
{
	if
	:: taken != NONE ->
		atomic {
			assert(HELD(taken, lease));
			holders[taken]--;
			b = taken;
			taken = NONE
		}
		send(me * REQUESTS + next, RELEASE, b, lease);
		next++
	:: else
	fi
}

/* ADD and DEL, one pod after the other, until the node is cut off. */
proctype node(byte me)
{
	byte b, block = NONE, lease, taken = NONE, tries, round, next, claims;
	bool own;

	{
		do
		:: round < ROUNDS ->
			lease = me * ROUNDS + round;
			SHARE;
			find_block();
			claim();
			atomic { UNSHARE; block = NONE; tries = 0; b = 0 }
			release();
			round++
		:: else -> break
		od
	} unless { dead[me] }
	atomic {
		if
		:: taken != NONE -> holders[taken]--; taken = NONE
		:: else
		fi;
		buried[me] = true;
		gone++
	}
}

/* GC of the same node: nothing is leased in a block of ours? Then it is given back. */
proctype collector(byte me)
{
	byte b, w, n;
	bool own, vacant;

	{
		do
		:: n < RETURNS ->
#ifdef NO_LOCK
			skip;
#else
			if
			:: atomic { sharing[me] == 0 && !alone[me] -> alone[me] = true }
			:: atomic { sharing[me] > 0 -> break }
			fi;
#endif
			atomic { /* the blocks are listed, */
				is_mine(b, me, own);
				if
				:: own -> w = 0;
					do
					:: w < CLAIMS && !TAKEN(b, me, w) -> w++
					:: else -> break
					od
				:: else
				fi
			}
			vacant = own && isfree[b]; /* then the block, */
#ifndef KEEP_HINT
			if
			:: vacant && hint[me] == b -> hint[me] = NONE
			:: else
			fi;
#endif
			if
			:: vacant -> send(me * REQUESTS + BY_ADD + n, RETURN, b, w)
			:: else
			fi;
			atomic { alone[me] = false; own = false; vacant = false; w = 0; n++ }
		:: else -> break
		od
	} unless { dead[me] }
}

/* Power cut: its pods end with it, what it sent does not. */
proctype power(byte me)
{
	if
	:: dead[me] = true
	:: true
	fi
}

inline free_all(n)
{
	b = 0;
	do
	:: b < BLOCKS ->
		l = n * ROUNDS;
		do
		:: l < (n + 1) * ROUNDS ->
			if
			:: HELD(b, l) -> HELD(b, l) = false; isfree[b] = true
			:: else
			fi;
			l++
		:: else -> break
		od;
		l = 0;
		do
		:: l < CLAIMS ->
			if
			:: TAKEN(b, n, l) -> TAKEN(b, n, l) = false; blockfree[b] = true
			:: else
			fi;
			l++
		:: else -> break
		od;
		b++
	:: else -> break
	od;
	b = 0;
	l = 0
}

/* The operator's fence for a node that is dead. What is still on the way may come later. */
proctype fence(byte me)
{
	byte b, l;

end:	d_step { buried[me] && dead[me] -> free_all(me); check() }
}

/* At the very end, with everything executed that will be: all are fenced once more. */
active proctype last()
{
	byte b, l, n;

	gone == NODES;
	timeout;
	d_step {
		do
		:: n < NODES -> free_all(n); n++
		:: else -> break
		od;
		do
		:: b < BLOCKS -> assert(blockfree[b] && isfree[b]); b++
		:: else -> break
		od
	}
}

init
{
	byte n;

	atomic {
		do
		:: n < BLOCKS -> blockfree[n] = true; isfree[n] = true; n++
		:: else -> break
		od;
		n = 0;
		do
		:: n < NODES ->
			hint[n] = NONE;
			run node(n);
			if
			:: n < COLLECTORS -> run collector(n)
			:: else
			fi;
			if
			:: n < MORTALS -> run power(n); run fence(n)
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
