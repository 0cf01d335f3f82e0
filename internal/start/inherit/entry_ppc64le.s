#include "textflag.h"

// The state is read with system calls before Go's runtime changes it. The
// kernel passes the stack pointer alone, which is left as it is.
//
// rt_sigaction is 173, rt_sigprocmask 174.
TEXT dt_start_entry(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVD	$1, R14
	MOVD	$0, R15

next:
	MOVD	R14, R3
	MOVD	$0, R4
	MOVD	$·action(SB), R5
	MOVD	$8, R6
	MOVD	$173, R0
	SYSCALL
	// CR0.SO tells of an error.
	BVS	last
	MOVD	$·action(SB), R5
	MOVD	(R5), R7
	CMP	R7, $1
	BNE	last
	ADD	$-1, R14, R8
	MOVD	$1, R9
	SLD	R8, R9, R9
	OR	R9, R15, R15

last:
	ADD	$1, R14
	CMP	R14, $64
	BLE	next
	MOVD	$·ignored(SB), R5
	MOVD	R15, (R5)
	MOVD	$0, R3
	MOVD	$0, R4
	MOVD	$·mask(SB), R5
	MOVD	$8, R6
	MOVD	$174, R0
	SYSCALL
	BVS	start
	MOVD	$·known(SB), R5
	MOVD	$1, R7
	MOVD	R7, (R5)

start:
	BR	_rt0_ppc64le_linux(SB)
