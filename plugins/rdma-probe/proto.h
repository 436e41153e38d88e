/*
 * proto.h - what probes say to each other: one JSON object a line, over TCP. No I/O.
 *
 *	-> {"op":"hello","v":1,"host":"node-a","af":4}
 *	<-
 *{"op":"hello","v":1,"tool":"0.1.0","host":"node-b","rails":[{"rail":"net1",..}]}
 *	-> {"op":"open_rc","id":1,"rail":"net1","gid":"::ffff:10.0.1.2","qpn":17,"psn":9,
 *	    "mtu":1024,"flow_label":74565,"tc":0,"timeout":14,"budget_ms":900}
 *	<- {"op":"opened","id":1,"gid":"::ffff:10.0.1.3","qpn":18,"psn":7,"mtu":1024}
 *	   or {"op":"refused","id":1,"reason":"no_route",..,"evidence":[..],"fix":".."}
 *	-> {"op":"close_rc","id":1}
 *	<- {"op":"closed","id":1}
 *
 *	-> {"op":"open_ud","rail":"net1","gid":..,"qpn":19,"qkey":5,"token":77,"tc":0,..}
 *	<- {"op":"opened_ud","gid":..,"qpn":20,"qkey":6}    or refused, as above
 *	-> {"op":"count_ud","rail":"net1","token":77}
 *	<- {"op":"counted","arrived":10}
 *
 *	-> {"op":"path_to","gid":"::ffff:10.0.1.3"}	how is your own path there?
 *	<- {"op":"path","state":"up","heard_ms":120}	or down, or unknown
 *
 *	-> {"op":"done","host":"node-a"}		of mesh: it is through with this
 *peer
 *	<- {"op":"closed","id":0}
 *
 * A line that is no such request is answered by {"op":"error","text":".."} and the end
 * of the connection. Unknown keys are ignored, so that versions can differ. Functions
 * that make a line return it without newline, to be free()d, or NULL without memory.
 */
#ifndef PROBE_PROTO_H
#define PROBE_PROTO_H

#include "plugins/rdma-probe/hub.h"
#include "plugins/rdma-probe/rail.h"

#define PROTO_PORT	  "14791" /* RoCEv2's UDP 4791, in the range of free TCP ports */
#define PROTO_VERSION	  1
#define PROTO_REQUEST_MAX 2048	 /* bytes of a line */
#define PROTO_ANSWER_MAX  131072 /* RAIL_MAX rails with all their evidence */
#define PROTO_HOST_LEN	  64
#define PROTO_OPEN_MAX	  16 /* queue pairs a connection may hold: ids are below */
#define PROTO_BUDGET_MAX  10000
#define PROTO_ROOM_MAX	  (1 << 20)

/* One end of an RC connection, as the other end needs it. */
struct rc_end {
	uint8_t gid[16];
	uint32_t qpn, psn;
	int mtu;  /* bytes */
	int room; /* bytes its peer may write to at addr with rkey; 0 none */
	uint64_t addr;
	uint32_t rkey;
};

/* What both ends of a path have to agree on. */
struct rc_path {
	int flow_label; /* 20 bits; decides the UDP source port, and with it the ECMP path
			 */
	int tc;		/* traffic class: DSCP << 2 */
	int timeout;	/* 4.096 us << timeout until a packet is sent again */
	int retry;	/* 0..6 */
	int room;	/* bytes the peer shall make room for; 0 none */
};

enum proto_op {
	PROTO_HELLO,
	PROTO_OPEN_RC,
	PROTO_CLOSE_RC,
	PROTO_OPEN_UD,
	PROTO_COUNT_UD,
	PROTO_DONE,
	PROTO_PATH_TO,
};

struct proto_request {
	enum proto_op op;
	char host[PROTO_HOST_LEN];
	int family; /* hello: of the GIDs wanted; 0: as the server likes */
	int id;
	char rail[RAIL_NAME_LEN];
	struct rc_end end;
	struct rc_path path;
	struct hub_prober prober;
	int budget_ms;	 /* after that nobody waits for the answer any more */
	uint8_t gid[16]; /* path_to: whose */
};

/* How one who probes for ever finds a path. */
struct proto_path {
	enum verdict verdict;
	int64_t heard_ms; /* ago, if it is up */
};

char *proto_make_request(const struct proto_request *request);
int proto_read_request(const char *line, size_t len, struct proto_request *ret,
		       struct err *err);

char *proto_make_hello(const char *host, const struct rails *rails);
char *proto_make_opened(int id, const struct rc_end *end);
char *proto_make_refused(int id, const struct fault *fault);
char *proto_make_closed(int id);
char *proto_make_opened_ud(const struct ud_end *end);
char *proto_make_counted(uint32_t arrived);
char *proto_make_path(const struct proto_path *path);
char *proto_make_error(const char *text);

int proto_read_hello(const char *line, size_t len, char host[PROTO_HOST_LEN],
		     struct rails *ret, struct err *err);

/* 1 opened, *ret is the other end; 0 refused, *why says so; -1 not such an answer. */
int proto_read_opened(const char *line, size_t len, struct rc_end *ret, struct fault *why,
		      struct err *err);
int proto_read_opened_ud(const char *line, size_t len, struct ud_end *ret,
			 struct fault *why, struct err *err);
int proto_read_counted(const char *line, size_t len, uint32_t *ret, struct err *err);
int proto_read_path(const char *line, size_t len, struct proto_path *ret,
		    struct err *err);

#endif
