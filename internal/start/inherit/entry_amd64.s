#include "textflag.h"

// The state is read with system calls before Go's runtime changes it. The
// kernel passes the stack pointer alone, which is left as it is.
//
// rt_sigaction is 13, rt_sigprocmask 14.
TEXT dt_start_entry(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVQ	$1, R12
	XORQ	R13, R13

next:
	MOVQ	R12, DI
	XORQ	SI, SI
	LEAQ	·action(SB), DX
	MOVQ	$8, R10
	MOVQ	$13, AX
	SYSCALL
	CMPQ	AX, $0
	JNE	last
	CMPQ	·action(SB), $1
	JNE	last
	LEAQ	-1(R12), CX
	MOVQ	$1, AX
	SHLQ	CX, AX
	ORQ	AX, R13

last:
	INCQ	R12
	CMPQ	R12, $64
	JLE	next
	MOVQ	R13, ·ignored(SB)
	XORQ	DI, DI
	XORQ	SI, SI
	LEAQ	·mask(SB), DX
	MOVQ	$8, R10
	MOVQ	$14, AX
	SYSCALL
	CMPQ	AX, $0
	JNE	start
	MOVQ	$1, ·known(SB)

start:
	JMP	_rt0_amd64_linux(SB)
