import { constants } from 'node:http2'

/** Whether a body that has ended is not whole: over HTTP/2, Node ends one whose connection is lost as if that were all. */
export const isCutOff = (body: object): boolean => 'rstCode' in body && body.rstCode !== constants.NGHTTP2_NO_ERROR
