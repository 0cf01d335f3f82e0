#include "textflag.h"

// The state is read with system calls before Go's runtime changes it. The
// kernel passes the stack pointer alone, which is left as it is.
//
// rt_sigaction is 174, rt_sigprocmask 175.
TEXT dt_start_entry(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVD	$1, R6
	MOVD	$0, R7

next:
	MOVD	R6, R2
	MOVD	$0, R3
	MOVD	$·action(SB), R4
	MOVD	$8, R5
	MOVW	$174, R1
	SYSCALL
	CMPBNE	R2, $0, last
	MOVD	$·action(SB), R4
	MOVD	0(R4), R8
	CMPBNE	R8, $1, last
	MOVD	R6, R9
	SUB	$1, R9
	MOVD	$1, R8
	SLD	R9, R8, R8
	OR	R8, R7

last:
	ADD	$1, R6
	CMPBLE	R6, $64, next
	MOVD	$·ignored(SB), R4
	MOVD	R7, 0(R4)
	MOVD	$0, R2
	MOVD	$0, R3
	MOVD	$·mask(SB), R4
	MOVD	$8, R5
	MOVW	$175, R1
	SYSCALL
	CMPBNE	R2, $0, start
	MOVD	$·known(SB), R4
	MOVD	$1, R8
	MOVD	R8, 0(R4)

start:
	BR	_rt0_s390x_linux(SB)
