#include "textflag.h"

// The state is read with system calls before Go's runtime changes it. The
// kernel passes the stack pointer alone, which is left as it is.
//
// rt_sigaction is 134, rt_sigprocmask 135.
TEXT dt_start_entry(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVD	$1, R19
	MOVD	$0, R20

next:
	MOVD	R19, R0
	MOVD	$0, R1
	MOVD	$·action(SB), R2
	MOVD	$8, R3
	MOVD	$134, R8
	SVC
	CBNZ	R0, last
	MOVD	·action(SB), R4
	CMP	$1, R4
	BNE	last
	SUB	$1, R19, R5
	MOVD	$1, R6
	LSL	R5, R6, R6
	ORR	R6, R20, R20

last:
	ADD	$1, R19, R19
	CMP	$64, R19
	BLE	next
	MOVD	R20, ·ignored(SB)
	MOVD	$0, R0
	MOVD	$0, R1
	MOVD	$·mask(SB), R2
	MOVD	$8, R3
	MOVD	$135, R8
	SVC
	CBNZ	R0, start
	MOVD	$1, R4
	MOVD	R4, ·known(SB)

start:
	B	_rt0_arm64_linux(SB)
