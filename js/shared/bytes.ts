// Binary traits as arrays; copies, because the bytes of a message are not aligned.

export function float64(bytes: DataView | undefined): Float64Array {
  return new Float64Array(copy(bytes));
}

export function uint32(bytes: DataView | undefined): Uint32Array {
  return new Uint32Array(copy(bytes));
}

export function words(bytes: DataView | undefined): string[] {
  return bytes?.byteLength ? new TextDecoder().decode(copy(bytes)).split("\0") : [];
}

/** Two arrays of equal length, one after the other. */
export function halves(values: Float64Array): [Float64Array, Float64Array] {
  return [values.slice(0, values.length / 2), values.slice(values.length / 2)];
}

function copy(bytes: DataView | undefined): ArrayBuffer {
  if (!bytes) return new ArrayBuffer(0);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
