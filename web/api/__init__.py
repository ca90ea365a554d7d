"""The API: `/api/v1`, for programs, with everything the pages do. Rights are the pages' own."""
