import type { Socket } from 'node:net';
import { PROBLEM_MEDIA_TYPE, type TransportCode } from '../../wire/http/problem.ts';
import { HttpProblem } from './httpProblem.ts';

/** Answers, and hangs up on, whoever sends what is not an HTTP request. Nothing of what was sent is repeated. */
export function answerMalformedRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = whatWasWrong(error.code);
  const { body } = new HttpProblem(code, detail);
  const json = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${body.status} ${body.title}\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`,
  );
}

function whatWasWrong(code: string | undefined): readonly [TransportCode, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['headers-too-large', 'the address and the headers together are larger than 16 KiB'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['invalid-request', 'the request did not arrive in time'];
    default:
      return ['invalid-request', 'this is not an HTTP/1.1 request'];
  }
}
