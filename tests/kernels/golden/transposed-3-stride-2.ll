define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v9 = icmp sgt i64 %pairs, 0
  br i1 %v9, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_1_0 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v10 = getelementptr float, ptr %wp, i64 1024
  %v11 = getelementptr float, ptr %v10, i64 0
  call void @llvm.prefetch.p0(ptr %v11, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v12 = getelementptr float, ptr %xp, i64 0
  %v13 = load <4 x float>, ptr %v12, align 4
  %v14 = getelementptr float, ptr %wp, i64 0
  %v15 = load float, ptr %v14, align 4
  %v16 = insertelement <4 x float> poison, float %v15, i64 0
  %v17 = shufflevector <4 x float> %v16, <4 x float> poison, <4 x i32> zeroinitializer
  %v18 = getelementptr float, ptr %wp, i64 1
  %v19 = load float, ptr %v18, align 4
  %v20 = insertelement <4 x float> poison, float %v19, i64 0
  %v21 = shufflevector <4 x float> %v20, <4 x float> poison, <4 x i32> zeroinitializer
  %v22 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v13, <4 x float> %v17, <4 x float> %a0_0_0)
  %v23 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v13, <4 x float> %v21, <4 x float> %a0_1_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v24 = getelementptr float, ptr %wp, i64 2
  %v25 = load float, ptr %v24, align 4
  %v26 = insertelement <4 x float> poison, float %v25, i64 0
  %v27 = shufflevector <4 x float> %v26, <4 x float> poison, <4 x i32> zeroinitializer
  %v28 = getelementptr float, ptr %xp, i64 -1
  %v29 = load <4 x float>, ptr %v28, align 4
  %v30 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v29, <4 x float> %v27, <4 x float> %v22)
  %a0_0_0.next = bitcast <4 x float> %v30 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v23 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 3
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v31 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v32 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v33 = mul i64 %y_channel, 0
  %v34 = getelementptr float, ptr %y, i64 %v33
  %v35 = shufflevector <4 x float> %v31, <4 x float> %v32, <4 x i32> <i32 0, i32 4, i32 1, i32 5>
  %v36 = shufflevector <4 x float> %v31, <4 x float> %v32, <4 x i32> <i32 2, i32 6, i32 3, i32 7>
  %v37 = icmp sle i64 %low, 0
  %v38 = icmp sge i64 %high, 8
  %v39 = and i1 %v37, %v38
  br i1 %v39, label %plain, label %masked
plain:
  %v40 = getelementptr float, ptr %v34, i64 0
  store <4 x float> %v35, ptr %v40, align 4
  %v41 = getelementptr float, ptr %v34, i64 4
  store <4 x float> %v36, ptr %v41, align 4
  br label %end
masked:
  %v42 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v43 = shufflevector <4 x i64> %v42, <4 x i64> poison, <4 x i32> zeroinitializer
  %v44 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v43
  %v45 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v46 = shufflevector <4 x i64> %v45, <4 x i64> poison, <4 x i32> zeroinitializer
  %v47 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v46
  %v48 = and <4 x i1> %v44, %v47
  %v49 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v50 = shufflevector <4 x i64> %v49, <4 x i64> poison, <4 x i32> zeroinitializer
  %v51 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v50
  %v52 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v53 = shufflevector <4 x i64> %v52, <4 x i64> poison, <4 x i32> zeroinitializer
  %v54 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v53
  %v55 = and <4 x i1> %v51, %v54
  %v56 = getelementptr float, ptr %v34, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v35, ptr %v56, i32 4, <4 x i1> %v48)
  %v57 = getelementptr float, ptr %v34, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v36, ptr %v57, i32 4, <4 x i1> %v55)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
