"""ADQL to DuckDB SQL."""
