// Entry of this room; filled as the product grows.
export {};
