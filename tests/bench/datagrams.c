/*
 * datagrams.c - send and receive RoCEv2 datagrams and do nothing else: the floor that
 * rdma-probe monitor is measured against.
 *
 *	datagrams RATE SECONDS DEVICE:GID-INDEX...
 *
 * Says "QPN GID" for every device in one line on standard output, reads the peer's line
 * of the same kind, and then sends RATE datagrams of 64 bytes a second by every device
 * to it for that long, ten times a second as many as are due by one call, and takes what
 * has come without being woken for it. The last line is CPU time in user mode and in the
 * kernel in seconds, datagrams sent, and received.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <infiniband/verbs.h>

#define RAILS 4
#define DEPTH 1024
#define SIZE  64
#define GRH   40
#define QKEY  0x11111111
#define BURST 64

static struct rail {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_cq *sent, *received;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	struct ibv_ah *ah;
	union ibv_gid gid;
	int index; /* of its GID */
	uint32_t peer_qpn;
	char memory[DEPTH * (GRH + SIZE) + SIZE];
} rails[RAILS];
static long nsent, nreceived;

static void post_receives(struct rail *rail, const uint64_t *slots, int n)
{
	struct ibv_recv_wr *bad, wr[BURST];
	struct ibv_sge sge[BURST];

	for (int i = 0; i < n; i++) {
		sge[i] = (struct ibv_sge){ (uintptr_t)rail->memory +
						   slots[i] * (GRH + SIZE),
					   GRH + SIZE, rail->mr->lkey };
		wr[i] = (struct ibv_recv_wr){ .wr_id = slots[i],
					      .next = i + 1 < n ? &wr[i + 1] : NULL,
					      .sg_list = &sge[i],
					      .num_sge = 1 };
	}
	if (n && ibv_post_recv(rail->qp, wr, &bad))
		errx(1, "post receives");
}

static void start_queue_pair(struct rail *rail)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_INIT,
				    .port_num = 1,
				    .qkey = QKEY };

	if (ibv_modify_qp(rail->qp, &attr,
			  IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_QKEY))
		err(1, "INIT");
	attr.qp_state = IBV_QPS_RTR;
	if (ibv_modify_qp(rail->qp, &attr, IBV_QP_STATE))
		err(1, "RTR");
	attr.qp_state = IBV_QPS_RTS;
	if (ibv_modify_qp(rail->qp, &attr, IBV_QP_STATE | IBV_QP_SQ_PSN))
		err(1, "RTS");
}

static struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *ctx = NULL;

	for (int i = 0; list && list[i] && !ctx; i++)
		if (!strcmp(list[i]->name, name))
			ctx = ibv_open_device(list[i]);
	if (!ctx)
		err(1, "open %s", name);
	ibv_free_device_list(list);
	return ctx;
}

static void open_rail(struct rail *rail, char *spec)
{
	char *index = strchr(spec, ':');
	struct ibv_qp_init_attr attr = { .qp_type = IBV_QPT_UD,
					 .cap = { DEPTH, DEPTH, 1, 1, 0 } };

	if (!index)
		errx(64, "%s: no DEVICE:GID-INDEX", spec);
	*index++ = '\0';
	rail->index = atoi(index);
	rail->ctx = open_device(spec);
	rail->pd = ibv_alloc_pd(rail->ctx);
	rail->mr = ibv_reg_mr(rail->pd, rail->memory, sizeof(rail->memory),
			      IBV_ACCESS_LOCAL_WRITE);
	attr.send_cq = rail->sent = ibv_create_cq(rail->ctx, DEPTH, NULL, NULL, 0);
	attr.recv_cq = rail->received = ibv_create_cq(rail->ctx, DEPTH, NULL, NULL, 0);
	rail->qp = ibv_create_qp(rail->pd, &attr);
	if (!rail->mr || !rail->qp ||
	    ibv_query_gid(rail->ctx, 1, rail->index, &rail->gid))
		err(1, "%s", spec);
	start_queue_pair(rail);
	for (uint64_t i = 0; i < DEPTH; i++)
		post_receives(rail, &i, 1);
}

static void tell(const struct rail *rail)
{
	char gid[INET6_ADDRSTRLEN];

	printf("%u %s ", rail->qp->qp_num,
	       inet_ntop(AF_INET6, rail->gid.raw, gid, sizeof(gid)));
}

static void meet(struct rail *rail)
{
	struct ibv_ah_attr attr = { .is_global = 1,
				    .port_num = 1,
				    .grh = { .sgid_index = rail->index,
					     .hop_limit = 64 } };
	char gid[INET6_ADDRSTRLEN];

	if (scanf("%u %45s", &rail->peer_qpn, gid) != 2 ||
	    inet_pton(AF_INET6, gid, attr.grh.dgid.raw) != 1)
		errx(1, "no peer");
	rail->ah = ibv_create_ah(rail->pd, &attr);
	if (!rail->ah)
		err(1, "address handle for %s", gid);
}

static void send_burst(struct rail *rail, int n)
{
	struct ibv_sge sge = { (uintptr_t)rail->memory + DEPTH * (GRH + SIZE), SIZE,
			       rail->mr->lkey };
	struct ibv_send_wr *bad, wr[BURST];
	struct ibv_wc wc[BURST];

	for (int i = 0; i < n; i++)
		wr[i] = (struct ibv_send_wr){
			.opcode = IBV_WR_SEND,
			.next = i + 1 < n ? &wr[i + 1] : NULL,
			.send_flags = i + 1 < n ? 0 : IBV_SEND_SIGNALED,
			.sg_list = &sge,
			.num_sge = 1,
			.wr.ud = { rail->ah, rail->peer_qpn, QKEY }
		};
	if (ibv_post_send(rail->qp, wr, &bad))
		err(1, "send");
	(void)ibv_poll_cq(rail->sent, BURST, wc);
	nsent += n;
}

static void take(struct rail *rail)
{
	struct ibv_wc wc[BURST];
	uint64_t slots[BURST];
	int n;

	do {
		n = ibv_poll_cq(rail->received, BURST, wc);
		for (int i = 0; i < n; i++)
			slots[i] = wc[i].wr_id;
		post_receives(rail, slots, n > 0 ? n : 0);
		nreceived += n > 0 ? n : 0;
	} while (n == BURST);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char *argv[])
{
	int n = argc - 3, burst = argc > 3 ? atoi(argv[1]) / 10 : 0;
	struct rusage before, after;
	struct timespec next;

	if (n < 1 || n > RAILS || burst < 1 || burst > BURST)
		errx(64, "usage: datagrams RATE SECONDS DEVICE:GID-INDEX...");
	for (int i = 0; i < n; i++) {
		open_rail(&rails[i], argv[3 + i]);
		tell(&rails[i]);
	}
	puts("");
	fflush(stdout);
	for (int i = 0; i < n; i++)
		meet(&rails[i]);
	getrusage(RUSAGE_SELF, &before);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int beat = 0; beat < 10 * atoi(argv[2]); beat++) {
		for (int i = 0; i < n; i++) {
			send_burst(&rails[i], burst);
			take(&rails[i]);
		}
		next.tv_nsec += 100000000;
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	getrusage(RUSAGE_SELF, &after);
	printf("%.3f %.3f %ld %ld\n", seconds(after.ru_utime) - seconds(before.ru_utime),
	       seconds(after.ru_stime) - seconds(before.ru_stime), nsent, nreceived);
	return 0;
}
